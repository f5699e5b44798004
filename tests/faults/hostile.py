"""A service that lies, stalls, floods and breaks off, as the answer to a transfer, to the creation of a task and to the
listing of tasks.

What must hold
- accepted is said only where the service said so, and not sent never where it has all of the request
- it ends in time: its time-outs are known; with an exit code that README documents, and without a panic
- it takes little memory, whatever comes
- no other server hears of it, and none gets the key
- nothing that the service wrote reaches the terminal as a control character
"""

import contextlib
import functools
import gzip
import json
import random
import re
import socket
import struct
import threading
import time
import zlib
from pathlib import Path

from screen import CONTROL, Screen
from wire import Service, listing, reply
from world import DOCUMENTED, HANGS, KEY, Case, manifest

MANIFEST = manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))
ID = "66f0c1447b0e9a4411f3a001"
CREATED = json.dumps({"_id": ID})
TASK = {
    "_id": ID, "index_id": "6298d673f1090f1100476d4c", "status": "ready", "created_at": "2099-01-01T00:00:00Z",
    "updated_at": "2099-01-01T00:00:00Z", "metadata": {"filename": "a.mp4", "duration": 60.0},
}  # fmt: skip
GOOD = {
    "transfer": b"HTTP/1.1 204 No Content\r\nServer: x\r\nConnection: close\r\n\r\n",
    "task": reply(CREATED, "201 Created"),
    "listing": reply(listing([])),
}
ARGUMENTS = {
    "transfer": ["submit", "m.json", "--yes"],
    "task": ["submit", "m.json", "--route", "tasks", "--yes"],
    "listing": ["follow", "--once", "--format", "json"],
}
# No progress for so long ends a send; the configuration of each case says so.
IDLE = 2
# Documented: 30 s for a page of a listing, 60 s for the body of an answer to a send. And time for a busy machine.
SOON, LISTED, BODY = 15, 45, 90
# In KiB. What a send of a small manifest takes is a tenth of it.
MEMORY = 300 * 1024


def says(data):
    return lambda request, client, thief: client.sendall(data)


def resets(*before):
    def answer(request, client, thief):
        for data in before:
            client.sendall(data)
            time.sleep(0.05)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    return answer


def drips(start, piece, pause, count=10**9):
    def answer(request, client, thief):
        client.sendall(start)
        for _ in range(count):
            client.sendall(piece)
            time.sleep(pause)

    return answer


def redirects(status, target):
    def answer(request, client, thief):
        where = target.format(thief=thief.port, path=request.path)
        client.sendall(f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    return answer


def head(status="200 OK", *lines):
    return "\r\n".join([f"HTTP/1.1 {status}", *lines]).encode("latin-1") + b"\r\n\r\n"


@functools.cache
def bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"
HTML = "<!doctype html><html><body><h1>Welcome</h1>Sign in to go on</body></html>"
NOISE = random.Random(7).randbytes(4096)

# Of each: the answer, and for which requests it may count as the service's word that it took them. For a transfer that is a
# success status with nothing against it, also where its JSON is cut: the documented answer has no body.
ANSWERS = {
    "nothing": (says(b""), ""),
    "reset at once": (resets(), ""),
    "reset in the head": (resets(b"HTTP/1.1 204 No"), ""),
    "reset in the body": (resets(head("200 OK", "Content-Length: 100"), b"{"), "transfer"),
    "reset after 204": (resets(GOOD["transfer"]), "transfer"),
    "noise": (says(NOISE), ""),
    "only line ends": (says(b"\r\n" * 4096), ""),
    "no version": (says(b"204 No Content\r\n\r\n"), ""),
    "HTTP/0.9": (says(b"OK"), ""),
    "HTTP/2 preface": (says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ""),
    "HTTP/3.0": (says(b"HTTP/3.0 204 No Content\r\n\r\n"), ""),
    "TLS alert": (says(b"\x15\x03\x01\x00\x02\x02\x28"), ""),
    "status 000": (says(head("000 x")), ""),
    "status 999": (says(head("999 x", "Content-Length: 0")), ""),
    "status 2040": (says(head("2040 x")), ""),
    "status 20": (says(head("20 OK")), ""),
    "status -1": (says(head("-204 OK")), ""),
    "line ends without carriage return": (says(b"HTTP/1.1 204 No Content\nServer: x\n\n"), "transfer"),
    "blank before the colon": (says(b"HTTP/1.1 204 No Content\r\nServer : x\r\n\r\n"), "transfer"),
    "folded header": (says(b"HTTP/1.1 204 No Content\r\nServer: x\r\n y\r\n\r\n"), "transfer"),
    "NUL in a header": (says(b"HTTP/1.1 204 No Content\r\nServer: a\0b\r\n\r\n"), "transfer"),
    "controls in the reason": (says(b"HTTP/1.1 400 \x1b]0;PWNED\x07\x9b2J\r\nContent-Length: 0\r\n\r\n"), ""),
    "controls in a header": (says(head("400 Bad", "X-Note: \x9b31m\x80\x90PWNED", "Content-Length: 0")), ""),
    "controls in an error": (says(reply(json.dumps({"code": "parameter_invalid", "message": "\x1b]0;PWNED\x07\x1b[2J\u202e\u200b"}), "400 Bad")), ""),
    "controls in a body": (says(reply(b"\x1b]52;c;UFdORUQ=\x07\x1bP1$r\x1b\\\x9b2J\xff\xfe\0", "400 Bad", kind="text/plain")), ""),
    "a thousand headers": (says(head("204 No Content", *[f"X-{n}: y" for n in range(1000)])), ""),
    "a header of 1 MiB": (says(head("204 No Content", "X-Long: " + "y" * 2**20)), ""),
    "a header of 64 KiB": (says(head("204 No Content", "X-Long: " + "y" * 2**16)), "transfer"),
    "headers for ever": (drips(b"HTTP/1.1 200 OK\r\n", b"X-More: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 100, 0), ""),
    "a status line for ever": (drips(b"HTTP/1.1 200 ", b"O" * 4096, 0), ""),
    "1xx for ever": (drips(b"", head("100 Continue") * 100, 0), ""),
    "1xx slowly for ever": (drips(b"", head("102 Processing"), 0.5), ""),
    "103 and 204": (says(head("103 Early Hints", "Link: </x>") + GOOD["transfer"]), "transfer"),
    "101": (says(head("101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade")), ""),
    "silence": (drips(b"", b"", 0.2), ""),
    "silence in the head": (drips(b"HTTP/1.1 204 No Con", b"", 0.2), ""),
    "a head dripping": (drips(b"HTTP/1.1 204 No Content\r\nX-Slow: ", b"y", 0.3), ""),
    "HTML 200": (says(reply(HTML, kind="text/html")), ""),
    "HTML 200 as JSON": (says(reply(HTML)), ""),
    "HTML 403": (says(reply(HTML, "403 Forbidden", kind="text/html")), ""),
    "text 200": (says(reply("OK", kind="text/plain")), ""),
    "error in a 200": (says(reply('{"code":"parameter_invalid","message":"no"}')), ""),
    "errors in a 201": (says(reply('{"errors":[{"row":1}]}', "201 Created")), ""),
    "207": (says(reply('{"results":[{"status":500}]}', "207 Multi-Status")), ""),
    "202": (says(reply("", "202 Accepted")), "transfer"),
    "206": (says(reply(CREATED[:20], "206 Partial Content", "Content-Range: bytes 0-19/40")), ""),
    "304": (says(head("304 Not Modified")), ""),
    "401": (says(reply('{"code":"api_key_invalid","message":"no"}', "401 Unauthorized")), ""),
    "429 without time": (says(reply("", "429 Too Many Requests")), ""),
    "429 for a century": (says(reply("", "429 Too Many Requests", "Retry-After: 3153600000")), ""),
    "429 with nonsense": (says(reply("", "429 Too Many Requests", "Retry-After: -1", "X-RateLimit-Reset: 99999999999999999999")), ""),
    "500": (says(reply('{"message":"oops"}', "500 Internal Server Error")), ""),
    "503 with HTML": (says(reply(HTML, "503 Service Unavailable", kind="text/html")), ""),
    "empty JSON": (says(reply("{}")), "transfer"),
    "a list": (says(reply("[]")), "transfer"),
    "null": (says(reply("null")), "transfer"),
    "a number": (says(reply("1e999")), "transfer"),
    "a text": (says(reply('"no"')), ""),
    "an id that is a number": (says(reply('{"_id":7}', "201 Created")), "transfer"),
    "an id with controls": (says(reply('{"_id":"a\\u001b[2J"}', "201 Created")), "transfer"),
    "an id of 1 MiB": (says(reply(json.dumps({"_id": "a" * 2**20}), "201 Created")), "transfer"),
    "two ids": (says(reply('{"_id":"aaaaaaaaaaaaaaaaaaaaaaaa","_id":"bbbbbbbbbbbbbbbbbbbbbbbb"}', "201 Created")), "transfer task"),
    "deep JSON": (says(reply("[" * 100_000)), ""),
    "deep objects": (says(reply('{"a":' * 100_000 + "1" + "}" * 100_000)), ""),
    "broken UTF-8": (says(reply(b'{"_id":"\xff\xfe\xc0\x80"}', "201 Created")), ""),
    "UTF-16": (says(reply(CREATED.encode("utf-16"), "201 Created")), ""),
    "a lone surrogate": (says(reply('{"_id":"\\ud800"}', "201 Created")), "transfer"),
    "length too long": (says(head("201 Created", JSON, "Content-Length: 9999") + CREATED.encode()), "transfer task"),
    "length too short": (says(head("201 Created", JSON, "Content-Length: 5") + CREATED.encode()), ""),
    "length -1": (says(head("204 No Content", "Content-Length: -1")), "transfer"),
    "length of an exabyte": (says(head("200 OK", JSON, "Content-Length: 1152921504606846976") + b"{"), "transfer"),
    "length overflowing": (says(head("200 OK", JSON, "Content-Length: 99999999999999999999999") + b"{}"), ""),
    "two lengths": (says(head("200 OK", JSON, "Content-Length: 2", "Content-Length: 3") + b"{}\n"), ""),
    "a length and chunks": (says(head("201 Created", JSON, "Content-Length: 2", CHUNKED) + b"2\r\n{}\r\n0\r\n\r\n"), "transfer"),
    "bad chunk size": (says(head("200 OK", JSON, CHUNKED) + b"xyz\r\n{}\r\n0\r\n\r\n"), ""),
    "huge chunk size": (says(head("200 OK", JSON, CHUNKED) + b"ffffffffffffffff\r\n{}"), "transfer"),
    "negative chunk size": (says(head("200 OK", JSON, CHUNKED) + b"-2\r\n{}\r\n0\r\n\r\n"), ""),
    "a chunk without end": (says(head("200 OK", JSON, CHUNKED) + b"2\r\n{}"), "transfer"),
    "no last chunk": (says(head("200 OK", JSON, CHUNKED) + b"2\r\n{}\r\n"), "transfer"),
    "a chunk extension for ever": (drips(head("200 OK", JSON, CHUNKED), b"2;" + b"x" * 4096, 0), ""),
    "trailers for ever": (drips(head("200 OK", JSON, CHUNKED) + b"2\r\n{}\r\n0\r\n", b"X-T: y\r\n" * 100, 0), "transfer"),
    "an encoding nobody knows": (says(head("201 Created", JSON, "Content-Encoding: x-cuecard", "Content-Length: 4") + b"\x01\x02\x03\x04"), ""),
    "not gzip": (says(head("201 Created", JSON, GZIP, "Content-Length: 36") + b"\x1f\x8b" + NOISE[:34]), ""),
    "gzip that is none": (says(head("201 Created", JSON, GZIP, f"Content-Length: {len(CREATED)}") + CREATED.encode()), ""),
    "gzip cut": (says(head("201 Created", JSON, GZIP, "Content-Length: 30") + gzip.compress(CREATED.encode() * 99)[:30]), "transfer task"),
    "gzip twice": (says(reply(gzip.compress(gzip.compress(CREATED.encode())), "201 Created", GZIP)), ""),
    "gzip bomb of 1 GiB": (lambda request, client, thief: client.sendall(reply(bomb(2**30), "200 OK", GZIP)), ""),
    "a body for ever": (drips(head("200 OK", JSON), b"[" * 65536, 0), "transfer"),
    "HTML for ever": (drips(head("200 OK", "Content-Type: text/html"), HTML.encode() * 1000, 0), ""),
    "204 with a body for ever": (drips(GOOD["transfer"], b"x" * 65536, 0), "transfer"),
    "a body dripping": (drips(head("200 OK", JSON), b" ", 0.3), ""),
    "a body dripping after its id": (drips(head("201 Created", JSON) + CREATED[:-1].encode(), b" ", 0.3), "transfer task"),
    "chunks dripping": (drips(head("200 OK", JSON, CHUNKED), b"1\r\n \r\n", 0.3), ""),
    **{f"{status} to another host": (redirects(status, "http://127.0.0.1:{thief}{path}"), "") for status in (301, 302, 303, 307, 308)},
    "307 to the same path": (redirects(307, "{path}"), ""),
    "302 to a file": (redirects(302, "file:///etc/passwd"), ""),
    "308 to nonsense": (redirects(308, "http://[::1"), ""),
    "300": (redirects(300, "http://127.0.0.1:{thief}/"), ""),
    "201 with a location": (says(head("201 Created", "Location: http://127.0.0.1:1/", "Content-Length: 0")), "transfer"),
    "refresh": (says(reply("", "200 OK", "Refresh: 0; url=http://127.0.0.1:1/")), "transfer"),
    "alternative service": (says(reply("", "200 OK", 'Alt-Svc: h2="127.0.0.1:1"; ma=9', "Set-Cookie: a=b")), "transfer"),
}  # fmt: skip
# Not for a quick run, nor for a debug build, which takes so long over them that no timer fires; and those that only the
# documented time-outs end.
HEAVY = {"gzip bomb of 1 GiB", "a header of 1 MiB", "1xx for ever"}
STALLED_BODY = {"a body dripping", "a body dripping after its id", "chunks dripping"}


def tasks(**other):
    return reply(listing([{**TASK, **other}]))


# What only a listing can lie about. None of them says that the row is ready.
LISTINGS = {
    "an object in place of the list": reply('{"data":{"a":1}}'),
    "a text in place of the list": reply('{"data":"none"}'),
    "a list of everything": reply('{"data":[null,1,"a",[],{},{"_id":{}},{"_id":""}],"page_info":{"total_page":1e999}}'),
    "page_info that overflows": reply('{"data":[],"page_info":{"total_page":18446744073709551615,"limit_per_page":0}}'),
    "a status with controls": tasks(status="\x1b]0;PWNED\x07"),
    "a status of 1 MiB less a page": tasks(status="r" * 900_000),
    "a status that is a number": tasks(status=7),
    "another name": tasks(metadata={"filename": "b.mp4"}),
    "a name with controls": tasks(metadata={"filename": "\x1b[2J\u202ea.mp4"}, status="failed", error_message="\x1b]0;PWNED\x07\u200b"),
    "another index": tasks(index_id="000000000000000000000000"),
    "times of all kinds": tasks(created_at="-999999-01-01T00:00:00Z", updated_at="99999999999999", status="indexing"),
    "a length that is none": tasks(status="pending", metadata={"filename": "a.mp4", "duration": -1e308}),
    "more than a page": reply(json.dumps({"data": [{**TASK, "status": "failed", "_id": f"{n:024x}"} for n in range(2000)]})),
}


def endless(request, client, thief, count=[0]):
    """Every page is full of tasks never seen before, and claims more."""
    count[0] += 50
    data = [{**TASK, "_id": f"{count[0] + n:024x}", "status": "failed", "metadata": {"filename": "b.mp4"}} for n in range(50)]
    client.sendall(reply(json.dumps({"data": data, "page_info": {"total_page": 10**9, "limit_per_page": 50}})))


def cases(world):
    if not world.quick:
        # Not while a case waits for it.
        bomb(2**30)
    for kind in GOOD:
        for at, (name, (answer, may)) in enumerate(ANSWERS.items()):
            seconds = SOON
            if name in STALLED_BODY:
                seconds = LISTED if kind == "listing" else BODY
            elif kind == "listing" and ("dripping" in name or "silence" in name or "for ever" in name):
                seconds = LISTED
            quick = at % 3 == list(GOOD).index(kind) and seconds == SOON and name not in HEAVY and "silence" not in name
            yield answered(world, f"{name} to a {kind}", kind, answer, kind in may.split(), seconds, quick)
        for at in range(len(GOOD[kind])):
            told = may_be_taken(kind, GOOD[kind][:at])
            quick = at % 24 == 5
            yield answered(world, f"cut after {at} bytes to a {kind}", kind, says(GOOD[kind][:at]), told, SOON, quick)
    for name, data in LISTINGS.items():
        yield answered(world, f"{name} to a listing", "listing", says(data), False, SOON, len(name) % 3 == 0)
    yield answered(world, "pages for ever to a listing", "listing", endless, False, SOON, False, ["follow", "--until", "3s"])
    for at, (name, (answer, may)) in enumerate(ANSWERS.items()):
        if name not in STALLED_BODY:
            check = lambda promise, answer=answer, may=may: on_screen(world, promise, answer, "transfer" in may)
            yield Case(f"{name} on the screen", check, "screen", quick=at % 16 == 3)


def may_be_taken(kind, data):
    """Whether this part of the service's answer says that it took it: the whole head, and the whole id."""
    return b"\r\n\r\n" in data and (kind == "transfer" or f'"_id": "{ID}"'.encode() in data)


def answered(world, name, kind, answer, may, seconds, quick, arguments=None):
    check = lambda promise: by_command(world, promise, kind, answer, may, seconds, arguments or ARGUMENTS[kind])
    return Case(name, check, kind, quick)


def desk(world):
    place = world.place(MANIFEST)
    (place / "config").mkdir()
    (place / "config" / "config.toml").write_text(f"idle-seconds = {IDLE}\n")
    return place


def by_command(world, promise, kind, answer, may, seconds, arguments):
    place = desk(world)
    with Service() as service, Service() as thief:
        if kind == "listing":
            world.run(place, ["submit", "m.json", "--yes", "--api-url", service.url])
            service.requests.clear()
        service.answer = lambda request, client: answer(request, client, thief)
        begun = time.monotonic()
        process = world.start(place, [*arguments, "--api-url", service.url])
        peak = Peak(process.pid)
        code, out, err = world.ended(process, seconds)
        took, said = time.monotonic() - begun, (out + err).decode(errors="replace")
        promise(code != HANGS, f"it goes on after {took:.0f} s: {said!r}")
        if code == HANGS:
            return
        promise(code in DOCUMENTED and "bug in cuecard" not in said, f"exit code {code}: {said}")
        promise(peak.kib() < MEMORY, f"it took {peak.kib() // 1024} MiB of memory")
        promise(not CONTROL.search(said), f"a control character is printed: {said!r}")
        promise(not thief.requests, f"another server was asked: {[request.head for request in thief.requests]}")
        ours = [request for request in service.requests if KEY.encode() not in request.head]
        promise(not ours, "a request went without its key")
        if kind == "listing":
            promise(code != 0 and '"state":"ready"' not in said, f"a row is called ready: {said}")
            return
        promise(len(service.requests) == 1, f"{len(service.requests)} requests")
        promise(code != 0 or may, f"it is called accepted: {said}")
        whole = bool(service.sent())
        refused = re.search(r"\b4\d\d\b|\b3\d\d\b|429", said)
        promise(code != 3 or not whole or (kind == "task" and refused), f"the service has it, and it is called not sent: {said}")
        _, told = world.run(place, ["history", "--format", "json"])
        outcomes = {attempt["outcome"] for attempt in json.loads(told)}
        expected = {0: "accepted", 4: "refused", 5: "unknown"}.get(code)
        promise(kind == "task" or expected is None or outcomes == {expected}, f"exit code {code}, and the ledger says {outcomes}")


def on_screen(world, promise, answer, may):
    place = desk(world)
    with Service() as service, Service() as thief:
        service.answer = lambda request, client: answer(request, client, thief)
        with Screen(world, place, ["m.json", "--api-url", service.url]) as screen:
            screen.until("missing 0")
            screen.keys("RS")
            screen.until("Y   upload 1 row")
            screen.until_settled(0.4)
            screen.keys("Y")
            found = screen.until("ACCEPTED", "REFUSED", "UNKNOWN", "NOT SENT")
            promise(found, f"no outcome:\n{screen.shown()}")
            promise(found != "ACCEPTED" or may, f"it is called accepted:\n{screen.shown()}")
            promise(found != "NOT SENT" or not service.sent(), f"the service has it, and it is called not sent:\n{screen.shown()}")
            screen.until_settled(0.4)
            screen.keys("h")
            screen.until_settled(0.1)
            screen.keys("q")
            screen.until_settled(0.1)
            screen.signal(15)
            promise(screen.ends() == 143, "it does not end")
            promise(not screen.faults, f"{screen.faults[:3]}")
            promise(not thief.requests, "another server was asked")


class Peak:
    """The most memory that a process had at once, watched while it runs."""

    def __init__(self, process):
        self.process, self.most = process, 0
        self.watch = threading.Thread(target=self.look, daemon=True)
        self.watch.start()

    def look(self):
        with contextlib.suppress(OSError, TypeError):
            while True:
                status = Path(f"/proc/{self.process}/status").read_text()
                self.most = int(re.search(r"VmHWM:\s+(\d+)", status)[1])
                time.sleep(0.02)

    def kib(self):
        self.watch.join(1)
        return self.most
