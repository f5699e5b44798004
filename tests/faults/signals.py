"""Every signal on every screen, with and without an unsaved edit: the terminal is given back, the exit code says why, the
file is as it was, and the next start offers the edit."""

import os
import signal
import time
from pathlib import Path

from screen import Screen
from wire import Service
from world import Case, manifest

VIDEOS = [f"s3://acme-media/news/070{n}.mp4" for n in range(1, 6)] + ["s3://acme-media/talks/interview-06.mp4"]
ROWS = [(video, video.replace(".mp4", ".srt") if at < 2 else "") for at, video in enumerate(VIDEOS)]
KEYS = [video.replace(".mp4", ".srt") for video in VIDEOS[:5]] + [f"s3://acme-media/talks/interview-06.en-{c}.vtt" for c in ("GB", "US")]
EDIT = "s3://acme-captions/0703.srt"
FILES = {
    "m.json": manifest(*ROWS),
    "keys.txt": "".join(f"{key}\n" for key in KEYS),
    "export.json": manifest(*ROWS[1:], ("s3://acme-media/news/0799.mp4", "")),
    "broken.json": "[{]",
    "editor": "#!/bin/sh\ntrap '' INT QUIT\necho at-the-editor\nwhile :; do sleep 1; done\n",
}

# A screen, the keys that lead to it, and after each of them what then stands there.
SCREENS = {
    "table": [("2G", "2 of 6")],
    "inspector": [("\t", "─ row")],
    "editor": [("e", "Enter")],
    "picker": [("o", "pick a transcript")],
    "pair": [("P", "to decide")],
    "decide": [("P", "to decide"), ("jjj", "two fit"), ("\r", "1–2 take")],
    "keys": [(":sources\r", "from 1 source")],
    "add source": [(":sources\r", "from 1 source"), ("j\r", "source")],
    "template": [("T", "parts stand in braces")],
    "problems": [("!", "problems ")],
    "bulk": [("a", "selected"), (":set language fr\r", "language of 6")],
    "review": [("R", " review ")],
    "gate": [("RS", "back, nothing is sent")],
    "row gate": [(":submit tasks\r", "one POST for each row")],
    "log": [("L", "Nothing was sent")],
    "palette": [(":", "a name and Enter")],
    "help": [("?", "help ")],
    "find": [("/", "Enter keep it")],
    "filter menu": [("F", "which rows?")],
    "sort menu": [("s", "sort")],
    "yank menu": [("y", "SHA-256")],
}
# These have no edits of their own to lose.
WITHOUT_EDITS = {
    "merge": [(":merge export.json\r", "only in export")],
    "sending": [("RS", "back, nothing is sent"), ("wait Y", "stop")],
    "result": [("RS", "back, nothing is sent"), ("wait Y", "ACCEPTED")],
    "receipt": [("RS", "back, nothing is sent"), ("wait Y", "ACCEPTED"), ("wait r", "SAME BYTES")],
    "log of one": [("RS", "back, nothing is sent"), ("wait Y", "ACCEPTED"), ("wait L", "newest first")],
    "follow": [("RS", "back, nothing is sent"), ("wait Y", "ACCEPTED"), ("wait F", "ready or failed")],
    "sending rows": [(":submit tasks\r", "one POST for each row"), ("wait Y", "row by row")],
    "rows sent": [(":submit tasks\r", "one POST for each row"), ("wait Y", "ACCEPTED")],
}
WITHOUT_TABLE = {"chooser": ([], "O type a path"), "unreadable": (["broken.json"], "cannot be read"), "recovered": (["m.json"], "d drop them")}
ENDING = {"TERM": 15, "HUP": 1, "INT": 2, "QUIT": 3}
SHELL = 'set -m; "$0" "$@"; echo "stopped with $?"; read -r line; fg >/dev/null; echo "ended with $?"'


def cases(world):
    kinds = [*ENDING, "TSTP", "WINCH"]
    screens = [(name, steps, edited) for name, steps in SCREENS.items() for edited in (False, True)]
    screens += [(name, steps, False) for name, steps in WITHOUT_EDITS.items()]
    screens += [(name, None, name == "recovered") for name in WITHOUT_TABLE]
    for at, (name, steps, edited) in enumerate(screens):
        for kind in kinds:
            title = f"{kind} on {name}{', edited' if edited else ''}"
            check = lambda promise, name=name, steps=steps, edited=edited, kind=kind: signalled(
                world, promise, name, steps, edited, kind
            )
            yield Case(title, check, kind, quick=edited and kinds[at % 6] == kind)
    for kind in ENDING:
        yield Case(f"{kind} on $EDITOR, edited", lambda promise, kind=kind: at_the_editor(world, promise, kind), kind, kind == "TERM")


def furnished(world):
    place = world.place()
    for name, text in FILES.items():
        (place / name).write_text(text)
    (place / "editor").chmod(0o755)
    return place


def table(screen):
    return screen.until("have a proposal")


def edit(screen):
    screen.keys("3G")
    screen.until("3 of 6")
    screen.paste(EDIT)
    screen.until("Enter")
    screen.keys("\r")
    return screen.until("1 unsaved")


def walk(screen, steps):
    """The keys, one after another; the text that is missing, if one does not come."""
    for keys, text in steps:
        if keys.startswith("wait "):
            # A key that came sooner than anybody can read is not taken.
            screen.until_settled(0.4)
        screen.until_settled(0.05)
        screen.keys(keys.removeprefix("wait "))
        if not screen.until(text):
            return f"{text!r} does not come after {keys!r}:\n{screen.shown()}"
    screen.until_settled(0.1)
    return None


def signalled(world, promise, name, steps, edited, kind):
    place = furnished(world)
    hold = name in ("sending", "sending rows")
    with Service() as service:
        if hold:
            service.answer = lambda *_: service.over.wait(60)
        arguments = ["m.json", "--from", "keys.txt"] if steps is not None else WITHOUT_TABLE[name][0]
        arguments = [*arguments, "--api-url", service.url]
        if name == "recovered":
            with Screen(world, place, ["m.json", "--from", "keys.txt"]) as screen:
                table(screen), edit(screen)
                # The promise: a crash loses at most the last second.
                screen.until_settled(1.5)
        before = ["bash", "-c", SHELL] if kind == "TSTP" else []
        with Screen(world, place, arguments, before) as screen:
            if steps is None:
                text = WITHOUT_TABLE[name][1]
                promise(screen.until(text), f"{text!r} is not there:\n{screen.shown()}")
            else:
                promise(table(screen), f"no table:\n{screen.shown()}")
                promise(not edited or edit(screen), f"no edit:\n{screen.shown()}")
                wrong = walk(screen, steps)
                promise(wrong is None, wrong)
                text = steps[-1][1]
            if hold:
                promise(service.wait_for(1), "nothing was sent")
            program = child(screen) if before else screen.process.pid
            if kind == "TSTP":
                stopped(promise, screen, program, text)
            elif kind == "WINCH":
                resized(promise, screen, text)
            number = ENDING.get(kind, 15)
            os.kill(program, number)
            ends(promise, screen, number, bool(before))
        aftermath(world, promise, place, edited)
        if hold:
            code, told = world.run(place, ["history"])
            promise("not sent" not in told.replace("0 not sent", "") and code == 0, f"it left, and the history says: {told}")


def at_the_editor(world, promise, kind):
    place = furnished(world)
    with Screen(world, place, ["m.json", "--from", "keys.txt"], EDITOR=str(place / "editor")) as screen:
        table(screen), edit(screen)
        screen.keys(":edit\r")
        promise(screen.says("at-the-editor"), f"no editor:\n{screen.shown()}")
        screen.signal(ENDING[kind])
        if kind in ("INT", "QUIT"):
            # Typed at the editor, they are meant for it.
            promise(screen.ends(1) is None, "a key typed at the editor ended cuecard")
            screen.signal(15)
            kind = "TERM"
        ends(promise, screen, ENDING[kind], False)
    aftermath(world, promise, place, True)


def child(screen):
    return int(Path(f"/proc/{screen.process.pid}/task/{screen.process.pid}/children").read_text().split()[0])


def stopped(promise, screen, program, text):
    os.kill(program, signal.SIGTSTP)
    promise(screen.says("stopped with"), "it does not stop")
    wrong = screen.not_given_back()
    promise(not wrong, f"stopped, and {wrong}")
    screen.resize(screen.rows, screen.columns)
    screen.keys("\n")
    promise(screen.until(text), f"{text!r} is not drawn again:\n{screen.shown()}")


def resized(promise, screen, text):
    for rows, columns in ((40, 120), (10, 40), (3, 8), (1, 1), (24, 80)):
        screen.resize(rows, columns)
        screen.until_settled(0.05)
    promise(screen.until(text), f"{text!r} is not drawn in the new size:\n{screen.shown()}")


def ends(promise, screen, number, is_shell):
    begun = time.monotonic()
    if is_shell:
        promise(screen.says(f"ended with {128 + number}"), f"it does not end with {128 + number}: {screen.text[-200:]!r}")
    else:
        code = screen.ends()
        promise(code == 128 + number, f"it ends with {code}, not {128 + number}")
    # The journal may need 5 seconds of them.
    promise(time.monotonic() - begun < 8, f"it takes {time.monotonic() - begun:.1f} s to end")
    wrong = screen.not_given_back()
    promise(not wrong, f"after the end {wrong}")
    promise(not screen.faults, f"{screen.faults[:3]}")


def aftermath(world, promise, place, edited):
    promise((place / "m.json").read_text() == FILES["m.json"], "the manifest changed without a save")
    with Screen(world, place, ["m.json", "--from", "keys.txt"]) as screen:
        if edited:
            promise(screen.until("d drop them"), f"the edit is lost:\n{screen.shown()}")
        else:
            table(screen)
            screen.until_settled()
            promise("recovered" not in screen.shown(), f"something is recovered, and nothing was edited:\n{screen.shown()}")
