"""Two cuecards on one manifest and one ledger, their edits, saves and sends crossed.

What must hold
- a save never replaces what the other one saved, unless it was asked and told to
- an edit is in the file, on the screen or offered by the next start; if it can't be, that is told
- nothing is sent twice without being asked, whatever the two do when

The first is stopped at every system call, the second runs from start to end, and the first goes on: no interleaving is
left to luck.
"""

import contextlib
import itertools
import json
import os
import signal
import time
from pathlib import Path

import calls
from screen import Screen
from wire import Service
from world import HANGS, PANIC, Case, manifest

VIDEOS = [f"s3://acme-video/{n}.mp4" for n in range(1, 5)]
OLD = manifest(*[(video, "") for video in VIDEOS])
ONE = manifest(("s3://acme-video/a.mp4", "s3://acme-captions/a.srt"))
OFFLINE = {"CUECARD_OFFLINE": "1"}
SENDS = {"transfer": ["submit", "m.json", "--yes"], "rows": ["submit", "m.json", "--route", "tasks", "--yes"]}


def value(name, row):
    return f"s3://acme-captions/{name}-{row}.srt"


def cases(world):
    orders = [order for order in itertools.permutations(("edit a", "save a", "edit b", "save b")) if is_order(order)]
    for order, row, answer in itertools.product(orders, (1, 2), ("Esc", "o", "m", "r")):
        name = f"{', '.join(order)}, {'the same row' if row == 1 else 'another row'}, {answer}"
        check = lambda promise, order=order, row=row, answer=answer: two_screens(world, promise, order, row, answer)
        yield Case(name, check, "screens", quick=order == orders[row + 1] and answer in ("Esc", "m"))
    for first, take in itertools.product("ab", ("t", "dd")):
        check = lambda promise, first=first, take=take: both_crash(world, promise, first, take)
        yield Case(f"both crash, {first} first, then {take}", check, "crashes", quick=first == "a")
    yield Case("one crashes, the other goes on", lambda promise: one_crashes(world, promise), "crashes", quick=True)
    for kinds in itertools.product(("transfer", "rows"), repeat=2):
        name = " and ".join(kinds)
        yield Case(f"gates of {name}, both at once", lambda promise, kinds=kinds: two_gates(world, promise, kinds, False), "gates", True)
        yield Case(f"gates of {name}, one under way", lambda promise, kinds=kinds: two_gates(world, promise, kinds, True), "gates", True)
    if not world.can_trace:
        print("  not tried: one stopped at each system call, because strace is not installed or not allowed here", flush=True)
        return
    yield from stopped(world)


def is_order(order):
    return all(order.index(f"edit {who}") < order.index(f"save {who}") for who in "ab")


def edit(screen, row, text):
    screen.keys(f"{row}G")
    screen.until(f"{row} of 4")
    screen.paste(text)
    screen.until("Enter")
    screen.keys("\r")
    return screen.until("1 unsaved")


def transcripts(place):
    return [row["transcription"] for row in json.loads((place / "m.json").read_text())]


def two_screens(world, promise, order, row, answer):
    """a edits row 1, b row 1 or 2."""
    with world.there(OLD) as place, contextlib.ExitStack() as stack:
        rows = {"a": 1, "b": row}
        screens = {who: stack.enter_context(Screen(world, place, ["m.json"], **OFFLINE)) for who in "ab"}
        for screen in screens.values():
            promise(screen.until("missing 4"), f"no table:\n{screen.shown()}")
        saved = []
        for step, who in (move.split() for move in order):
            screen, own = screens[who], value(who, rows[who])
            if step == "edit":
                promise(edit(screen, rows[who], own), f"no edit:\n{screen.shown()}")
                continue
            before = (place / "m.json").read_text()
            screen.until_settled(0.1)
            screen.keys("\x13")
            found = screen.until("saved m.json", "changed by another program")
            if not saved:
                promise(found == "saved m.json" and own in transcripts(place), f"not saved:\n{screen.shown()}")
                saved.append(who)
                continue
            promise(found == "changed by another program", f"saved over the other's change:\n{screen.shown()}")
            promise((place / "m.json").read_text() == before, "the file changed before the question was answered")
            screen.until_settled(0.4)
            answered(promise, place, screen, answer, before, own, rows[who])
            other = value(saved[0], rows[saved[0]])
            if answer in "mr" and row == 2:
                promise({own, other} <= set(transcripts(place)), f"an edit is lost: {transcripts(place)}\n{screen.shown()}")
        for screen in screens.values():
            screen.kill()
        with Screen(world, place, ["m.json"], **OFFLINE) as again:
            kept = again.until("d drop them", "kept; the file changed since", seconds=5 if answer == "Esc" else 0.5)
            promise(kept or answer != "Esc", f"the edit that was not saved is lost:\n{again.shown()}")


def answered(promise, place, screen, answer, before, own, row):
    screen.keys("\x1b" if answer == "Esc" else answer)
    if answer == "Esc":
        screen.until("1 unsaved")
        promise((place / "m.json").read_text() == before, "Esc changed the file")
    elif answer == "o":
        promise(screen.until("what was in the file is replaced"), f"not told what it did:\n{screen.shown()}")
        promise(own in transcripts(place), "o did not save")
    elif answer == "r":
        promise(screen.until("read again"), f"not read again:\n{screen.shown()}")
        screen.until_settled(0.2)
        screen.keys("\x13")
        promise(screen.until("saved m.json", "changed since the save", "Nothing"), f"not saved:\n{screen.shown()}")
    else:
        promise(screen.until("same row"), f"no merge:\n{screen.shown()}")
        screen.until_settled(0.4)
        screen.keys("A")
        screen.until_settled(0.4)
        screen.keys("\x13")
        # In conflict with the other's edit it is for the operator to decide: nothing is taken, nothing is lost.
        screen.until("saved m.json", seconds=20 if row == 2 else 1)


def both_crash(world, promise, first, take):
    with world.there(OLD) as place:
        rows = {"a": 1, "b": 2}
        with contextlib.ExitStack() as stack:
            screens = {who: stack.enter_context(Screen(world, place, ["m.json"], **OFFLINE)) for who in "ab"}
            for who in (first, "b" if first == "a" else "a"):
                screens[who].until("missing 4")
                edit(screens[who], rows[who], value(who, rows[who]))
                # The promise: a crash loses at most the last second.
                screens[who].until_settled(1.2)
        seen = set()
        for _ in range(2):
            with Screen(world, place, ["m.json"], **OFFLINE) as screen:
                found = screen.until("d drop them", "kept; the file changed since")
                promise(found, f"an edit is lost, offered were {seen}:\n{screen.shown()}")
                seen |= {who for who in "ab" if value(who, rows[who]) in screen.shown()}
                if found != "d drop them":
                    seen.add("told")
                    continue
                screen.until_settled(0.5)
                for key in take:
                    screen.keys(key)
                    screen.until_settled(0.3)
                if take == "t":
                    screen.keys("\x13")
                    promise(screen.until("saved m.json"), f"not saved:\n{screen.shown()}")
                screen.keys("q")
                screen.ends(10)
        promise(len(seen) == 2, f"of the two edits only {seen} were offered or told of")


def one_crashes(world, promise):
    with world.there(OLD) as place, Screen(world, place, ["m.json"], **OFFLINE) as b:
        with Screen(world, place, ["m.json"], **OFFLINE) as a:
            a.until("missing 4"), b.until("missing 4")
            edit(a, 1, value("a", 1)), edit(b, 2, value("b", 2))
            a.until_settled(1.2)
        with Screen(world, place, ["m.json"], **OFFLINE) as c:
            promise(c.until("d drop them"), f"the crashed one's edit is not offered:\n{c.shown()}")
            promise(value("a", 1) in c.shown() and value("b", 2) not in c.shown(), f"not the crashed one's edit:\n{c.shown()}")
            c.until_settled(0.5)
            c.keys("t")
            c.until("took")
            c.until_settled(0.4)
            c.keys("\x13")
            promise(c.until("saved m.json"), f"not saved:\n{c.shown()}")
        b.keys("\x13")
        promise(b.until("changed by another program"), f"saved over it:\n{b.shown()}")
        promise(transcripts(place)[0] == value("a", 1), "what was saved is gone")


def to_gate(screen, kind):
    screen.until("missing 0")
    screen.keys("RS" if kind == "transfer" else ":submit tasks\r")
    found = screen.until("Y   upload 1 row" if kind == "transfer" else "send 1 row one by one")
    screen.until_settled(0.5)
    return found


def two_gates(world, promise, kinds, under_way):
    """Both confirm the same manifest: at the same moment, or one while the other is under way."""
    with world.there(ONE) as place, Service() as service:
        take = service.answer

        def slowly(request, client):
            service.over.wait(1.5 if under_way else 0.2)
            take(request, client)

        service.answer = slowly
        arguments = ["m.json", "--api-url", service.url]
        with Screen(world, place, arguments, **OFFLINE) as a, Screen(world, place, arguments, **OFFLINE) as b:
            for screen, kind in zip((a, b), kinds):
                promise(to_gate(screen, kind), f"no gate:\n{screen.shown()}")
            a.keys("Y")
            if under_way:
                promise(service.wait_for(1), "nothing was sent")
            b.keys("Y")
            words = ("ACCEPTED", "UNKNOWN", "NOT SENT", "before", "meanwhile", "being sent", "again")
            promise(a.until(*words) and b.until(*words), f"no word:\n{a.shown()}\n{b.shown()}")
            a.until_settled(2)
            promise(len(service.sent()) == 1, f"sent {len(service.sent())} times:\n{a.shown()}\n{b.shown()}")


def stopped(world):
    """One command at each of its system calls, while another runs from start to end."""
    saves = [["set", "m.json", "transcription", value(who, row), "--rows", f"{row}..{row}"] for who, row in (("a", 1), ("b", 2))]
    with world.there(OLD) as place:
        places = list(each_call(world, place, saves[0]))
    for at, (call, when) in enumerate(places):
        check = lambda promise, call=call, when=when: crossed_saves(world, promise, saves, call, when)
        yield Case(f"a save stopped at {call} {when}, another save", check, "saves", quick=at % 24 == 0)
    for first, second in itertools.product(SENDS, repeat=2):
        with world.there(ONE) as place, Service() as service:
            places = list(each_call(world, place, [*SENDS[first], "--api-url", service.url]))
        for at, (call, when) in enumerate(places):
            two = [SENDS[first], SENDS[second]]
            check = lambda promise, two=two, call=call, when=when: crossed_sends(world, promise, two, call, when)
            name = f"a send of {first} stopped at {call} {when}, another of {second}"
            yield Case(name, check, f"{first} and {second}", quick=at % 64 == 0)


# In these something of the file, the ledger or the network is done or found out.
OF_INTEREST = {
    "openat", "read", "pread64", "write", "pwrite64", "writev", "sendto", "recvfrom", "connect", "rename", "renameat", "renameat2",
    "linkat", "unlink", "fsync", "fdatasync", "ftruncate", "flock", "fcntl", "statx", "newfstatat", "fchmod", "close", "mkdir",
}  # fmt: skip


def each_call(world, place, arguments):
    world.run(place, arguments, calls.traced(trace=place / "trace"))
    for call, count in calls.counted(place / "trace").items():
        if call in OF_INTEREST:
            step = 1 if world.every else max(1, count // 12)
            yield from ((call, when) for when in range(1, count + 1, step))


@contextlib.contextmanager
def held(world, place, arguments, call, when):
    """The command, stopped by the system at this call; it goes on when the block ends. Gives whether it was stopped."""
    process = world.start(place, arguments, calls.traced("-e", f"inject={call}:signal=STOP:when={when}"))
    result = {"stopped": False}
    try:
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up and process.poll() is None and not result["stopped"]:
            result["pids"] = [pid for pid in descendants(process.pid) if state(pid) in "Tt"]
            result["stopped"] = len(result["pids"]) > 0
            time.sleep(0.002)
        yield result
    finally:
        give_up = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < give_up:
            # More than one thread may come to such a call.
            for pid in descendants(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            with contextlib.suppress(Exception):
                process.wait(0.1)
        code, out, err = world.ended(process, 5)
        result["code"], result["said"] = code, (out + err).decode(errors="replace")


def descendants(pid):
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def state(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return "?"


def crossed_saves(world, promise, saves, call, when):
    with world.there(OLD) as place:
        with held(world, place, saves[0], call, when) as first:
            code, said = world.run(place, saves[1])
        sound(promise, (first["code"], first["said"]), (code, said))
        there = transcripts(place)
        for (own, row), (exit, told) in zip((("a", 1), ("b", 2)), ((first["code"], first["said"]), (code, said))):
            # What the other one wrote at the same moment is kept beside it, and told.
            beside = "".join(path.read_text() for path in place.glob(".cuecard-*") if path.name in first["said"] + said)
            promise(exit != 0 or value(own, row) in there or value(own, row) in beside, f"{own} ended well, and is lost: {there}, {told}")


def crossed_sends(world, promise, two, call, when):
    with world.there(ONE) as place, Service() as service:
        first_one, second_one = ([*arguments, "--api-url", service.url] for arguments in two)
        with held(world, place, first_one, call, when) as first:
            code, said = world.run(place, second_one)
        sound(promise, (first["code"], first["said"]), (code, said))
        sent = len(service.sent())
        ends = f"exits {first['code']} and {code}: {first['said']} / {said}"
        promise(sent <= 1, f"sent {sent} times, {ends}")
        promise(sent == 1 or 0 not in (first["code"], code), f"accepted, and nothing was sent, {ends}")
        # Of rows that are all accepted, the same command again says so, and ends well.
        promise([first["code"], code].count(0) <= 1 or two[0] == two[1] != SENDS["transfer"], f"both were accepted, {ends}")


def sound(promise, *ends):
    for code, said in ends:
        promise(code not in (HANGS, PANIC) and "bug in cuecard" not in said, f"exit code {code}: {said}")
