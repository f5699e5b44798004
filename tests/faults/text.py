"""Hostile texts wherever a text comes from: values of a manifest, file names, listings, settings, replies, tasks.

What must hold
- no control character and no sequence from the text reaches the terminal or a pipe: what is drawn is parsed by the list of
  sequences that are cuecard's own, and what is printed has none at all
- bidi controls, zero-width characters and tags are named, not shown; JSON escapes controls
- no panic, no hang, no undocumented exit code; the file that was not saved is as it was
"""

import json
import os
import re

from screen import CONTROL, UNSEEN, Screen
from wire import Service, listing, reply
from world import DOCUMENTED, HANGS, Case, manifest

TEXTS = {
    "title": "\x1b]0;PWNED\x07",
    "clipboard": "\x1b]52;c;UFdORUQ=\x07",
    "device control": "\x1bP$q\"p\x1b\\",
    "report": "\x1b[6n\x1b[c\x1b[5n",
    "blink": "\x1b[5;31mPWNED\x1b[0m",
    "reset": "\x1bc",
    "C1 sequence": "\x9b2J\x9d0;PWNED\x9c",
    "controls": "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "backspaces": "good\b\b\b\bevil\r\nnext\tline\v\f",
    "overrides": "\u202e4pm.rts\u202c \u2066x\u2069 \u200f\u061c",
    "invisible": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u3164h\uffa0i",
    "tags": "x\U000e0041\U000e0042\U000e0100\ufe0f",
    "separators": "a\u2028b\u2029c\x85d",
    "marks": "e" + "\u0301" * 500,
    "wide": "한국어 저녁 뉴스 日本語 👩\u200d👩\u200d👧\u200d👦 ❤\ufe0f",
    "long": "x" * 200_000,
    "long and wide": "한\u200b" * 30_000,
    "noncharacters": "\ufffe\uffff\U0001ffff\ufdd0",
    "braces and quotes": "{stem} {{}} %s %n $(reboot) `reboot` ${x} '\";&|<>\\",
    "markup": "<script>alert(1)</script> [red]x[/] **b** \\u001b[31m",
    "format": "‹U+001B›[31m",
    "combining first": "\u0301\u0308\u20dd\u0489",
    "private use": "\ue000\uf8ff\U000f0000\U0010fffd",
}
# Not texts at all; only where bytes can stand.
BYTES = {
    "broken UTF-8": b"\xff\xfe\xc0\x80\xed\xa0\x80\xf5",
    "NULs": b"a\0b\0\0c",
    "UTF-16": "s3://b/a.srt\x1b]0;PWNED\x07\n".encode("utf-16"),
    "escape bytes": b"\x1b]0;PWNED\x07\x9b2J\x1b[5m",
}
FIELDS = ["index_id", "language", "object", "transcription"]
GOOD = {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/a.mp4", "transcription": ""}


def cases(world):
    hostile = [*TEXTS, *BYTES]
    for n, (name, text) in enumerate(TEXTS.items()):
        for m, field in enumerate(FIELDS):
            check = lambda promise, field=field, text=text: commands_on_value(world, promise, field, text)
            yield Case(f"{name} in {field}", check, "commands", quick=(n + m) % 12 == 1)
            check = lambda promise, field=field, text=text: screens_on_value(world, promise, field, text)
            yield Case(f"{name} in {field} on the screens", check, "screens", quick=(n + m) % 24 == 5)
    for n, (name, text) in enumerate(TEXTS.items()):
        for m, (where, run) in enumerate(PLACES.items()):
            check = lambda promise, run=run, text=text: run(world, promise, text.encode())
            yield Case(f"{name} in {where}", check, "other places", quick=(n + m) % 16 == 2)
    for n, (name, data) in enumerate(BYTES.items()):
        for m, (where, run) in enumerate(PLACES.items()):
            check = lambda promise, run=run, data=data: run(world, promise, data)
            yield Case(f"{name} in {where}", check, "other places", quick=(n + m) % 16 == 2)
    assert len(hostile) == len(set(hostile))


def rows(field, text):
    """Escaped as JSON asks for it, so that the file is a sound one."""
    return json.dumps([{**GOOD, field: text}, {**GOOD, "object": "s3://acme-video/b.mp4"}], indent=1) + "\n"


def told(promise, code, said, what, is_json=False):
    promise(code in DOCUMENTED, f"{what} ends with {'no end' if code == HANGS else code}: {said[:300]!r}")
    promise("bug in cuecard" not in said, f"{what}: a panic: {said[:300]!r}")
    found = CONTROL.search(said)
    promise(not found, f"{what} prints {found and found.group()!r}: {found and said[max(0, found.start() - 80) : found.end() + 40]!r}")
    # A heart may be told to be a picture; `domain::printable` says where.
    found = UNSEEN.search(said)
    promise(not found or is_json, f"{what} prints {found and found.group()!r}: {found and said[max(0, found.start() - 80) : found.end() + 40]!r}")


def run(world, promise, place, arguments, **more):
    code, said = world.run(place, arguments, **more)
    told(promise, code, said, " ".join(map(str, arguments))[:80], "json" in arguments or "sarif" in arguments or "show" in arguments)
    return code, said


def commands_on_value(world, promise, field, text):
    before = rows(field, text)
    with world.there(before) as place, Service() as service:
        (place / "keys.txt").write_text("s3://acme-captions/a.srt\n")
        (place / "new.json").write_text(manifest(("s3://acme-video/a.mp4", "")))
        for arguments in (
            ["check", "m.json"],
            ["check", "m.json", "--format", "json"],
            ["check", "m.json", "--format", "sarif"],
            ["set", "m.json", "language", "fr", "--dry-run"],
            ["set", "m.json", "transcription", "s3://acme-captions/{folder}/{stem}.{lang}.srt", "--dry-run"],
            ["replace", "m.json", "transcription", "x", "y", "--dry-run", "--format", "json"],
            ["pair", "m.json", "--from", "keys.txt", "--dry-run"],
            ["pair", "m.json", "--from", "keys.txt", "--check", "--format", "json"],
            ["merge", "m.json", "new.json", "-o", "out.json", "--dry-run"],
            ["submit", "m.json", "--dry-run", "--allow-errors"],
            ["submit", "m.json", "--dry-run", "--route", "tasks", "--skip-blocked"],
            ["submit", "m.json", "--yes", "--allow-errors", "--api-url", service.url],
            ["follow", "--once", "--all", "--api-url", service.url],
            ["history"],
        ):
            run(world, promise, place, arguments)
        promise((place / "m.json").read_text() == before, "the file changed")


KEYS = ["\t", "\t", "e", "\x1b", "h", "e", "\x1b", "h", "e", "\x1b", "y", "r", "!", "\r", "\x1b", "x", "R", "\x1b", "u", "o", "\x1b", "P", "\x1b", "T", "\x1b"]
KEYS += [":set language fr\r", "\x1b", "RS", "\x1b", "\x1b", ":submit tasks\r", "\x1b", "?", "\x1b", "L", "\x1b", "/x\r", "\x1b"]


def screens_on_value(world, promise, field, text):
    before = rows(field, text)
    with world.there(before) as place, Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as screen:
        screen.until("1 of 2")
        walk(promise, screen, KEYS)
        promise((place / "m.json").read_text() == before, "the file changed without a save")


def walk(promise, screen, keys):
    for key in keys:
        screen.keys(key)
        screen.until_settled(0.02)
    screen.until_settled(0.2)
    screen.signal(15)
    code = screen.ends()
    promise(code == 143, f"it ends with {code}: {screen.text[-200:]!r}")
    promise(not screen.faults, f"{len(screen.faults)} faults on the terminal: {screen.faults[:3]}")
    promise(b"PWNED" not in screen.copied, "the text reached the clipboard by itself")
    promise(not screen.not_given_back(), screen.not_given_back())


def broken_manifest(world, promise, data):
    """Raw in the file: no JSON, and the refusal shows the line."""
    with world.there() as place:
        (place / "m.json").write_bytes(b'[\n {"object": "' + data + b'", "index_id": 1}, ' + data + b"\n]\n")
        run(world, promise, place, ["check", "m.json"])
        run(world, promise, place, ["set", "m.json", "language", "fr"])
        with Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as screen:
            screen.until("m.json")
            walk(promise, screen, ["j", "r", "?", "\x1b"])


def unknown_member(world, promise, data):
    text = data.decode(errors="replace")
    with world.there(json.dumps([{**GOOD, text: text, "transcription ": {text: [text]}}])) as place:
        run(world, promise, place, ["check", "m.json"])
        with Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as screen:
            screen.until("1 of 1")
            walk(promise, screen, ["\t", "!", "\r", "\x1b"])


def file_name(world, promise, data):
    name = data.replace(b"/", b"_").replace(b"\0", b"_")[:180] + b".json"
    with world.there() as place, Service() as service:
        path = os.fsencode(place) + b"/" + name
        with open(path, "w") as file:
            file.write(manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt")))
        for arguments in (
            ["check", name],
            ["set", name, "language", "en", "--dry-run"],
            ["set", name, "language", "fr"],
            ["pair", name, "--from", name, "--dry-run"],
            ["merge", name, name, "-o", name + b"2", "--dry-run"],
            ["submit", name, "--yes", "--api-url", service.url],
            ["follow", "--once", "--api-url", service.url],
            ["history"],
            ["check", name + b"-missing"],
            ["history", "draft", "1", "--only", "failed", "-o", name],
        ):
            run(world, promise, place, arguments)
        for arguments in ([], [name]):
            with Screen(world, place, arguments, CUECARD_OFFLINE="1") as screen:
                screen.until("Open a manifest", "saved")
                screen.until_settled(0.3)
                walk(promise, screen, ["j", "\r", "x", "\x13", "R", "S", "\x1b", "\x1b", "L", "\x1b"])


def key_listing(world, promise, data):
    lines = [b"s3://acme-captions/a.srt", b"s3://acme-captions/" + data + b".srt", data, b"2026-01-01 00:00:00   10 " + data + b"a.srt"]
    with world.there(manifest(("s3://acme-video/a.mp4", ""), ("s3://acme-video/b.mp4", ""))) as place:
        (place / "keys.txt").write_bytes(b"\n".join(lines) + b"\n")
        run(world, promise, place, ["pair", "m.json", "--from", "keys.txt", "--dry-run"])
        run(world, promise, place, ["pair", "m.json", "--from", "keys.txt", "--dry-run", "--format", "json"])
        with Screen(world, place, ["m.json", "--from", "keys.txt"], CUECARD_OFFLINE="1") as screen:
            screen.until("missing 2")
            screen.until_settled(0.3)
            walk(promise, screen, ["o", "\x0e", "\x0e", "\x1b", "P", "jjj", "\r", "\x1b", "\x1b", ":sources\r", "j", "\x1b"])


def table_listing(world, promise, data):
    with world.there(manifest(("s3://acme-video/a.mp4", ""))) as place:
        (place / "keys.csv").write_bytes(b"video,transcript," + data.replace(b"\n", b"") + b"\na.mp4,s3://acme-captions/" + data + b".srt,x\n")
        run(world, promise, place, ["pair", "m.json", "--from", "keys.csv", "--dry-run"])


def settings(world, promise, data):
    with world.there(manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))) as place:
        (place / "config").mkdir()
        (place / "config" / "config.toml").write_bytes(b'profile = "' + data + b'"\napi-url = "' + data + b'"\n[' + data + b"]\n")
        run(world, promise, place, ["check", "m.json"])
        quoted = json.dumps(data.decode(errors="replace"))
        (place / "config" / "config.toml").write_text(f"profile = {quoted}\n[profiles.{quoted}]\ns3-endpoint = \"http://127.0.0.1:1\"\n")
        run(world, promise, place, ["submit", "m.json", "--dry-run"])


def arguments(world, promise, data):
    word = data.replace(b"\0", b"_")[:100_000]
    with world.there(manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))) as place:
        for words in (
            [word],
            ["check", word],
            ["check", "m.json", word],
            ["set", "m.json", "transcription", word, "--dry-run"],
            ["set", "m.json", "language", "fr", "--where", b"transcription~" + word, "--dry-run"],
            ["replace", "m.json", "transcription", word, word, "--dry-run"],
            ["pair", "m.json", "--from", word, "--dry-run"],
            ["submit", "m.json", "--dry-run", "--api-url", b"http://127.0.0.1/" + word],
            ["submit", "m.json", "--dry-run", "--profile", word],
        ):
            run(world, promise, place, words)


def answers(world, promise, data):
    text = data.decode(errors="replace")
    error = {"code": text, "message": text, text: text}
    for answer in (
        reply(json.dumps(error), "400 Bad Request"),
        reply(json.dumps(error, ensure_ascii=False).encode("utf-8", "replace"), "422 No"),
        reply(data, "500 Oops", kind="text/plain"),
        reply(b"<html><title>" + data + b"</title>" + data, "200 OK", kind="text/html"),
        reply("{}", "400 Bad", "X-Note: " + re.sub(rb"[\r\n\0]", b"", data).decode("latin-1")[:8000]),
    ):
        with world.there(manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))) as place, Service() as service:
            service.answer = lambda request, client, answer=answer: client.sendall(raw(answer))
            run(world, promise, place, ["submit", "m.json", "--yes", "--api-url", service.url])
            run(world, promise, place, ["submit", "m.json", "--yes", "--again", "--route", "tasks", "--api-url", service.url])
            run(world, promise, place, ["history"])
            with Screen(world, place, ["m.json", "--api-url", service.url], CUECARD_OFFLINE="1") as screen:
                screen.until("missing 0")
                walk(promise, screen, ["L", "\r", "h", "G", "y", "/x\r", "\x1b", "r", "\x1b", "\x1b"])


def raw(answer):
    """A header can't be told as UTF-8 by `reply`: it went through Latin-1, byte for byte."""
    head, body = answer.split(b"\r\n\r\n", 1)
    return head.decode().encode("latin-1", "replace") + b"\r\n\r\n" + body


def task_listing(world, promise, data):
    text = data.decode(errors="replace")
    task = {"_id": text, "index_id": text, "status": text, "created_at": text, "metadata": {"filename": f"{text}a.mp4"}}
    all_of_it = [task, {**task, "_id": "1", "status": "failed", "error_message": text, "metadata": {"filename": "a.mp4"}, "created_at": "2099-01-01T00:00:00Z"}]
    with world.there(manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))) as place, Service() as service:
        run(world, promise, place, ["submit", "m.json", "--yes", "--api-url", service.url])
        service.answer = lambda request, client: client.sendall(reply(listing(all_of_it)))
        for format in ("text", "json", "jsonl"):
            code, said = world.run(place, ["follow", "--once", "--all", "--format", format, "--api-url", service.url])
            told(promise, code, said, f"follow --format {format}", format != "text")
        with Screen(world, place, ["m.json", "--api-url", service.url]) as screen:
            screen.until("missing 0")
            walk(promise, screen, ["L", "F", "\t", "j", "\r", "\x1b", "y", "\x1b"])


def pasted(world, promise, data):
    """Into every line that takes text. A paste is never keys."""
    before = manifest(("s3://acme-video/a.mp4", ""), ("s3://acme-video/b.mp4", ""))
    text = data.decode(errors="replace").replace("\x1b[201~", "")
    with world.there(before) as place, Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as screen:
        screen.until("missing 2")
        for leads in ("", "e", "h", "/", "f", ":", "T", "?", "o", ":set language \r", ":replace\r"):
            screen.keys(leads)
            screen.until_settled(0.03)
            screen.paste(text[:20_000])
            screen.until_settled(0.05)
            screen.keys("\x1b")
            screen.until_settled(0.03)
            screen.keys("\x1b")
            screen.until_settled(0.03)
        walk(promise, screen, ["\x1b"])
        promise((place / "m.json").read_text() == before, "the file changed without a save")


PLACES = {
    "a broken manifest": broken_manifest,
    "an unknown member": unknown_member,
    "a file's name": file_name,
    "a listing of keys": key_listing,
    "a table of keys": table_listing,
    "the settings": settings,
    "the arguments": arguments,
    "answers": answers,
    "a listing of tasks": task_listing,
    "a paste": pasted,
}
