"""An API key and a presigned link that are canaries: they belong on the wire, and nowhere else.

Looked through for them, in every spelling that a service might echo them in: what is printed and drawn, what is copied to
the clipboard, every file that is written (ledger, journal, cache, log, receipts, saved replies), command lines, and the
environment of programs that cuecard starts.
"""

import base64
import gzip
import html
import json
import os
import re
import threading
import time
import urllib.parse
from pathlib import Path

from screen import Screen
from wire import Service, listing, reply
from world import Case, everything, manifest

KEY = "tlk_CANARY7Qz0d9Yb3Kx5Lw1Rv8"
SIGNATURE = "c0ffeec0ffee5ecre7000000000000000000000000000000000000000c0ffee1"
TOKEN = "FwoGZXIvYXdzEB+canary/TOKEN=="
AWS = {"AWS_ACCESS_KEY_ID": "AKIDCANARY0000000001", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/canary", "AWS_SESSION_TOKEN": TOKEN}
ROW = ("s3://acme-video/a.mp4", "s3://acme-captions/a.srt")
LINK = f"https://acme-captions.s3.us-west-2.amazonaws.com/a.srt?X-Amz-Credential=AKIDCANARY&X-Amz-Signature={SIGNATURE}"
ID = "66f0c1447b0e9a4411f3a001"
# How a service, or a gateway before it, may spell what it was sent.
SPELLINGS = {
    "unchanged": lambda text: text,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "percent-encoded": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "percent-encoded twice": lambda text: urllib.parse.quote("".join(f"%{ord(c):02x}" for c in text)),
    "URL-encoded": lambda text: urllib.parse.quote(text, safe=""),
    "JSON-escaped": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"k": text})),
    "HTML decimal": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "HTML-escaped": html.escape,
    "octal": lambda text: "".join(f"\\{ord(c):03o}" for c in text),
    "hexadecimal escapes": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal in capitals": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a header": lambda text: base64.b64encode(f"x-api-key: {text}\r\n".encode()).decode(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(f"k={text}".encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "quoted-printable": lambda text: "".join(f"={ord(c):02X}" for c in text),
    "backwards": lambda text: text[::-1],
    "with blanks": lambda text: " ".join(text),
    "with zero-width blanks": lambda text: "\u200b".join(text),
    "in wide characters": lambda text: "".join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) <= 0x7E else c for c in text),
    "half of it": lambda text: text[: len(text) // 2 + 4],
    "its second half": lambda text: text[len(text) // 2 - 4 :],
}
# Ways of an answer to carry it.
CARRIERS = {
    "an error's message": lambda text: reply(json.dumps({"code": "parameter_invalid", "message": f"no: {text}"}), "400 Bad Request"),
    "an error's code": lambda text: reply(json.dumps({"code": text, "message": "no"}), "400 Bad Request"),
    "a web page": lambda text: reply(f"<html><body>{text}</body></html>", "502 Bad Gateway", kind="text/html"),
    "plain text": lambda text: reply(text, "500 Oops", kind="text/plain"),
    "a header": lambda text: reply("{}", "400 Bad Request", "X-Echo: " + text.encode().decode("latin-1")),
    "the reason": lambda text: reply("{}", "400 " + text.encode().decode("latin-1")),
    "a redirect": lambda text: reply("", "302 Found", "Location: http://127.0.0.1:1/?" + text.encode().decode("latin-1")),
    "gzip": lambda text: reply(gzip.compress(text.encode()), "400 Bad Request", "Content-Encoding: gzip"),
    "a body cut inside it": lambda text: reply("x" * 40 + text + "x" * 40, "400 Bad Request")[: -40 - len(text.encode()) // 3],
    "an accepting answer": lambda text: reply(json.dumps({"_id": ID, "note": text}), "201 Created"),
}


def spellings():
    """Every text that gives a canary away, longest pieces first: whole, and the half of it that tells the rest."""
    for secret in (KEY, SIGNATURE, TOKEN, AWS["AWS_SECRET_ACCESS_KEY"]):
        for name, spell in SPELLINGS.items():
            if name not in ("base64 of a header", "base64 for addresses", "JSON in JSON"):
                yield f"{secret[:10]}… {name}", spell(secret).encode()
        # Whatever stands before it, one of these three is in it.
        for before in range(3):
            inner = base64.b64encode(b"=" * before + secret.encode())[4:-4]
            yield f"{secret[:10]}… in base64", inner
            yield f"{secret[:10]}… in base64 for addresses", inner.replace(b"+", b"-").replace(b"/", b"_")


CANARIES = dict((spelled, name) for name, spelled in spellings())


def leaks(what, content):
    if isinstance(content, str):
        content = content.encode()
    return [f"{name} is in {what}" for spelled, name in CANARIES.items() if spelled in content]


def free(promise, what, content):
    found = leaks(what, content)
    promise(not found, "; ".join(found[:3]))


def files_free(promise, place, *own):
    """Every file but those that the operator put there with the secret in it."""
    for path, content in everything(place):
        if path.name not in own:
            free(promise, path.name, content)


def processes_free(promise, process):
    """No command line of it and of what it starts has a canary. Its own environment has the key: it was given there."""
    for pid in family(process):
        free(promise, "a command line", Path(f"/proc/{pid}/cmdline").read_bytes() if os.path.exists(f"/proc/{pid}") else b"")


def family(pid):
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    for child in children:
        yield from family(int(child))


def cases(world):
    for kind in ("transfer", "task", "listing"):
        for n, (carrier, carry) in enumerate(CARRIERS.items()):
            for m, (spelling, spell) in enumerate(SPELLINGS.items()):
                check = lambda promise, kind=kind, carry=carry, spell=spell: echoed(world, promise, kind, carry, spell)
                yield Case(f"{spelling} in {carrier} of a {kind}", check, f"echoed to a {kind}", quick=(n + m) % 24 == 3)
    for spelling, spell in SPELLINGS.items():
        check = lambda promise, spell=spell: on_screen(world, promise, spell)
        yield Case(f"{spelling} on the screen", check, "echoed on the screen", quick=spelling in ("unchanged", "base64"))
    for spelling, spell in SPELLINGS.items():
        check = lambda promise, spell=spell: link_echoed(world, promise, spell)
        yield Case(f"a presigned link {spelling}", check, "links of rows", quick=spelling in ("unchanged", "JSON-escaped"))
    for source in ("variable", "file", "command"):
        check = lambda promise, source=source: given(world, promise, source)
        yield Case(f"the key from a {source}", check, "where keys come from", quick=source == "command")
    for name, keys in PASTED.items():
        check = lambda promise, keys=keys: pasted(world, promise, keys)
        yield Case(f"a presigned link pasted, then {name}", check, "pasted links", quick=name in ("crash", "yank"))
    for command in COMMANDS:
        check = lambda promise, command=command: in_manifest(world, promise, command)
        yield Case(f"a presigned link in the manifest, {' '.join(command)}", check, "links in manifests", quick=command[0] == "check")
    yield Case("the editor's environment", lambda promise: editor(world, promise), "children", True)


def echoed(world, promise, kind, carry, spell):
    """The service repeats the key that it got."""
    place = world.place(manifest(ROW))
    arguments = {"transfer": ["submit", "m.json", "--yes"], "task": ["submit", "m.json", "--route", "tasks", "--yes"]}
    arguments["listing"] = ["follow", "--once", "--format", "json"]
    more = {"TWELVELABS_API_KEY": KEY, "CUECARD_LOG": "trace"}
    with Service() as service:
        if kind == "listing":
            world.run(place, [*arguments["transfer"], "--api-url", service.url], **more)
        answer = carry(spell(KEY))
        if kind == "listing" and b"201 Created" in answer:
            task = {"_id": ID, "status": "failed", "error_message": spell(KEY), "metadata": {"filename": spell(KEY)}}
            answer = reply(listing([task, {**task, "_id": spell(KEY), "status": spell(KEY)}]))
        service.answer = lambda request, client: client.sendall(answer)
        _, said = world.run(place, [*arguments[kind], "--api-url", service.url], **more)
        promise(any(KEY.encode() in request.head for request in service.requests), "the key is not on the wire: nothing is tested")
    free(promise, "what is printed", said)
    for command in (["history"], ["history", "--format", "json"], ["history", "show", "1"]):
        _, said = world.run(place, command)
        free(promise, " ".join(command), said)
    files_free(promise, place)


def on_screen(world, promise, spell):
    place = world.place(manifest(ROW))
    with Service() as service:
        message = json.dumps({"code": "parameter_invalid", "message": spell(KEY)})
        service.answer = lambda request, client: client.sendall(reply(message, "400 Bad Request", "X-Echo: " + spell(KEY).encode().decode("latin-1")))
        more = {"TWELVELABS_API_KEY": KEY, "CUECARD_LOG": "trace", "CUECARD_OFFLINE": "1"}
        with Screen(world, place, ["m.json", "--api-url", service.url], **more) as screen:
            screen.until("missing 0")
            screen.keys("RS")
            screen.until("Y   upload 1 row")
            screen.keys("c")
            screen.until_settled(0.4)
            screen.keys("Y")
            promise(screen.until("REFUSED"), f"no answer:\n{screen.shown()}")
            for keys in ("h", "y", "\x13", "\r", "r", "y"):
                screen.until_settled(0.4)
                free(promise, "the screen", screen.shown())
                screen.keys(keys)
            processes_free(promise, screen.process.pid)
            screen.until_settled(0.3)
            free(promise, "the terminal", bytes(screen.raw))
            promise(screen.copied, "nothing was copied: nothing is tested")
            for copied in screen.copied:
                free(promise, "the clipboard", copied)
    files_free(promise, place)


def link_echoed(world, promise, spell):
    """The service repeats the presigned link of a private video, whose store asks for credentials."""
    place = world.place(manifest(ROW))
    with Service(store) as s3, Service() as service:
        heard = []

        def answer(request, client):
            links = re.findall(rb"http://\S+X-Amz-Signature=\S+", request.body)
            heard.extend(links)
            secrets = [re.search(rb"X-Amz-Signature=([0-9a-f]{64})", link)[1].decode() for link in links] + [TOKEN]
            client.sendall(reply(json.dumps({"code": "video_file_broken", "message": " ".join(map(spell, secrets))}), "400 Bad Request"))

        service.answer = answer
        arguments = ["submit", "m.json", "--route", "tasks", "--yes", "--aws", "--s3-endpoint", f"http://127.0.0.1:{s3.port}"]
        code, said = world.run(place, [*arguments, "--api-url", service.url], CUECARD_LOG="trace", TWELVELABS_API_KEY=KEY, **AWS)
        promise(heard, f"no presigned link went: nothing is tested ({code}, {said})")
        signatures = {re.search(rb"X-Amz-Signature=([0-9a-f]{64})", link)[1].decode() for link in heard}
        _, history = world.run(place, ["history", "--format", "json"])
        _, receipt = world.run(place, ["history", "show", "1"])
        outputs = {"what is printed": said.encode(), "the history": history.encode(), "the receipt": receipt.encode()}
        outputs |= {path.name: content for path, content in everything(place)}
        for what, content in outputs.items():
            free(promise, what, content)
            for signature in signatures:
                found = [name for name, way in SPELLINGS.items() if way(signature).encode() in content]
                promise(not found, f"the signature is in {what}, {found}")


def store(request, client):
    """Private for everybody, as S3 says it."""
    is_signed = b"X-Amz-Signature" in request.path.encode() or b"authorization:" in request.head.lower()
    client.sendall(reply(b"0123456789", "200 OK") if is_signed else reply("<Error><Code>AccessDenied</Code></Error>", "403 Forbidden", kind="application/xml"))


def given(world, promise, source):
    """The key from the environment, a file of mode 0600, or a command. The command's environment lacks it."""
    place = world.place(manifest(ROW))
    (place / "config").mkdir()
    more = {"TWELVELABS_API_KEY": "", "CUECARD_LOG": "trace"}
    if source == "variable":
        more["TWELVELABS_API_KEY"] = KEY
    elif source == "file":
        (place / "key").write_text(f"{KEY}\n")
        (place / "key").chmod(0o600)
        (place / "config" / "config.toml").write_text(f'api-key-file = "{place / "key"}"\n')
    else:
        told = f"env >{place}/given; tr '\\0' ' ' </proc/$PPID/cmdline >>{place}/given"
        (place / "give").write_text(f"#!/bin/sh\n{told}\nprintf %s {KEY}\n")
        (place / "give").chmod(0o700)
        (place / "config" / "config.toml").write_text(f'api-key-command = "{place / "give"}"\n')
    more = {name: text for name, text in more.items() if text}
    if source != "variable":
        more["TWELVELABS_API_KEY"] = ""
    with Service() as service:
        service.answer = lambda request, client: (time.sleep(0.5), client.sendall(reply("", "204 No Content")))
        process = world.start(place, ["submit", "m.json", "--yes", "--api-url", service.url], **more)
        looking = threading.Thread(target=lambda: service.wait_for(1, seconds=20) and processes_free(promise, process.pid))
        looking.start()
        code, out, err = world.ended(process)
        looking.join()
        promise(code == 0, f"exit code {code}: {out + err}")
        promise(any(KEY.encode() in request.head for request in service.requests), "the key is not on the wire: nothing is tested")
        free(promise, "what is printed", out + err)
    promise(source != "command" or (place / "given").exists(), "the command did not run")
    files_free(promise, place, "key", "give")


# After a paste of a link with its signature into the transcript of a row.
PASTED = {
    "crash": ["\r"],
    "leaving": ["\r", "q", "d"],
    "save": ["\r", "\x13"],
    "review": ["\r", "R"],
    "yank": ["\r", "k", "yv", "yr", "yc"],
    "typing": ["x", "\r"],
    "undo": ["\r", "u", "U"],
    "editor left": ["\x1b"],
    "palette": ["\r", ":set transcript ", "\x1b"],
    "problems": ["\r", "!"],
    "template": ["\r", "T"],
}


def pasted(world, promise, keys):
    place = world.place(manifest((ROW[0], ""), ("s3://acme-video/b.mp4", "")))
    with Screen(world, place, ["m.json"], CUECARD_LOG="trace", CUECARD_OFFLINE="1") as screen:
        screen.until("missing 2")
        screen.paste(LINK)
        for key in keys:
            screen.until_settled(0.3)
            screen.keys(key)
        screen.until_settled(1.2)
        processes_free(promise, screen.process.pid)
        free(promise, "the terminal", bytes(screen.raw))
        free(promise, "the screen", screen.shown())
        for copied in screen.copied:
            free(promise, "the clipboard", copied)
    files_free(promise, place)
    with Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as screen:
        screen.until("missing", "d drop them")
        screen.until_settled(0.4)
        free(promise, "the next start", bytes(screen.raw))
    files_free(promise, place)


COMMANDS = [
    ["check", "m.json"],
    ["check", "m.json", "--format", "json"],
    ["check", "m.json", "--format", "sarif"],
    ["set", "m.json", "language", "fr", "--dry-run"],
    ["replace", "m.json", "transcription", "a", "b", "--dry-run"],
    ["replace", "m.json", "transcription", "a", "b", "--dry-run", "--format", "json"],
    ["clear", "m.json", "transcription", "--dry-run", "--format", "json"],
    ["pair", "m.json", "--from", "keys.txt", "--check"],
    ["pair", "m.json", "--from", "keys.txt", "--check", "--format", "json"],
    ["merge", "m.json", "new.json", "-o", "out.json", "--dry-run"],
    ["merge", "m.json", "new.json", "-o", "out.json", "--dry-run", "--format", "json"],
    ["submit", "m.json", "--dry-run"],
    ["submit", "m.json", "--dry-run", "--route", "tasks", "--skip-blocked"],
    ["submit", "m.json", "--yes", "--allow-errors"],
    ["submit", "m.json", "--yes", "--route", "tasks", "--skip-blocked"],
]


def in_manifest(world, promise, command):
    """It is in the file already: an operator has to be told, without repeating it."""
    place = world.place(manifest((ROW[0], LINK), ("s3://acme-video/b.mp4", LINK.replace("a.srt", "b.srt"))))
    (place / "keys.txt").write_text("s3://acme-captions/a.srt\n")
    (place / "new.json").write_text(manifest((ROW[0], ""), ("s3://acme-video/b.mp4", "s3://acme-captions/c.srt")))
    with Service() as service:
        more = ["--api-url", service.url] if command[0] in ("submit", "check", "pair") else []
        code, said = world.run(place, [*command, *more], CUECARD_LOG="trace")
        promise(code in (0, 1, 2, 4, 5), f"exit code {code}: {said}")
        free(promise, "what is printed", said)
        for again in (["history", "--format", "json"], ["history", "show", "1"]):
            _, said = world.run(place, again)
            free(promise, " ".join(again), said)
    files_free(promise, place, "m.json", "out.json")


def editor(world, promise):
    place = world.place(manifest(ROW))
    (place / "editor").write_text(f"#!/bin/sh\nenv >{place}/environment; tr '\\0' ' ' </proc/$PPID/cmdline >>{place}/environment\n")
    (place / "editor").chmod(0o755)
    with Screen(world, place, ["m.json"], EDITOR=str(place / "editor"), TWELVELABS_API_KEY=KEY, TL_API_KEY=KEY, CUECARD_OFFLINE="1") as screen:
        screen.until("missing 0")
        screen.keys(":edit\r")
        give_up = time.monotonic() + 20
        while not (place / "environment").exists() and time.monotonic() < give_up:
            screen.read(0.05)
        screen.until_settled(0.4)
    promise((place / "environment").exists(), "the editor did not run")
    files_free(promise, place)
