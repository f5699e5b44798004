"""Kills cuecard at every system call of a save, a send and the journal, and lets every one fail, once and for ever.

What must hold
- the manifest is old or new, whole; new when the exit code says so
- nothing of ours lies beside it after the next run that is left alone
- whatever was sent is in the ledger, and the same bytes are not sent again by the next run
- an edit that the journal had a second for is offered by the next start, and none is applied by itself
- no panic; what takes long says so

Calls are failed by strace. Of calls made more than eight times a choice is taken: the first ones are of the loader, the
last ones are where something is at stake.
"""

import collections
import os
import re

from screen import Screen
from wire import Service
from world import HANGS, KEY, PANIC, Case, everything, manifest

VIDEO, VALUE = "s3://acme-video/news/0700.mp4", "s3://acme-captions/news/0700.srt"
OLD, NEW = manifest((VIDEO, "")), manifest((VIDEO, VALUE))
# Of the start and the end of every program, before and after anything is at stake; and what strace can't let fail.
NOT_OURS = {"execve", "exit", "exit_group", "brk", "arch_prctl", "rt_sigreturn", "restart_syscall", "munmap"}
# Without these no program starts at all, whatever is in it: the loader and the allocator need them.
NO_ERRORS = {"mmap", "mprotect", "rt_sigaction", "set_tid_address", "rseq", "set_robust_list", "sigaltstack", "poll", "futex"}
# A program that is never told anything but "again" can't say so either.
NO_INTERRUPTIONS = {"write", "getrandom"}
ERRORS = ["EIO", "ENOSPC", "EINTR", "EACCES", "EDQUOT", "EROFS", "EMFILE"]
# What needs longer is told after 4 seconds, and counts as hanging if it is not. SQLite waits 5 for a lock, more than once.
LONG = 20
READY = "missing 1"
NOT_KEPT = "keeps no edits"


def traced(*options, trace="/dev/null"):
    return ["strace", "-f", "-qq", "-o", str(trace), *options]


def counted(trace):
    """How often each system call was made."""
    calls = collections.Counter(re.findall(r"^(?:\d+ +)?([a-z_0-9]+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    return {call: count for call, count in sorted(calls.items()) if call not in NOT_OURS}


def plans(world, calls):
    """What strace is told, for each case: (call, plan)."""
    for call, count in calls.items():
        places = list(range(1, count + 1))
        if count > 8 and not world.every:
            places = sorted({*range(1, count, max(1, count // 4)), *range(count - 3, count + 1)})
        yield from ((call, f"{call}:signal=KILL:when={at}") for at in places)
        if call in NO_ERRORS:
            continue
        # Each error at some call, and an error at each call.
        pairs = [(at, error) for at in places for error in ERRORS]
        if not world.every:
            pairs = [(places[n % len(places)], ERRORS[n % 7]) for n in range(max(len(places), 7))]
        for at, error in dict.fromkeys(pairs):
            yield call, f"{call}:error={error}:when={at}"
            if error != "EINTR" or call not in NO_INTERRUPTIONS:
                yield call, f"{call}:error={error}:when={at}+"


def planned(world, calls, check, quick=8):
    """A case for each plan, and each of `quick` of them for a quick run."""
    for at, (call, plan) in enumerate(plans(world, calls)):
        # Of what is interrupted for ever, the time is the system's.
        is_quick = at % quick == quick // 2 and not ("EINTR" in plan and plan.endswith("+"))
        yield Case(plan, lambda promise, plan=plan: check(promise, plan), call, quick=is_quick)


def common(promise, code, said):
    promise(code != PANIC and "bug in cuecard" not in said, f"a panic: {said[:300]}")
    # A call that is interrupted for ever is tried for ever by the libraries below: then that is said.
    promise(code != HANGS or "not answer" in said, f"it hangs without a word: {said[:300]!r}")


def save(world):
    arguments = ["set", "m.json", "transcription", VALUE]
    with world.there(OLD) as place:
        world.run(place, arguments, traced(trace=place / "trace"))
        calls = counted(place / "trace")

    def check(promise, plan):
        with world.there(OLD) as place:
            code, said = world.run(place, arguments, traced("-e", f"inject={plan}"), LONG)
            common(promise, code, said)
            path = place / "m.json"
            there = path.read_text() if path.exists() else None
            promise(there in (OLD, NEW), f"the manifest is neither old nor new: {there!r}")
            promise(code != 0 or there == NEW, f"it ended well and the manifest is old: {said}")
            world.run(place, ["set", "m.json", "language", "fr"])
            # What was the manifest is kept where it could not be looked at; then it is told.
            untold = [name for name in os.listdir(place) if name.startswith(".cuecard-") and name not in said]
            promise(not untold, f"left behind: {untold}")

    return planned(world, calls, check, 24)


def send(world):
    arguments = ["submit", "m.json", "--yes", "--api-url"]
    with world.there(OLD) as place, Service() as service:
        world.run(place, [*arguments, service.url], traced(trace=place / "trace"))
        calls = counted(place / "trace")

    def check(promise, plan):
        with world.there(OLD) as place, Service() as service:
            code, said = world.run(place, [*arguments, service.url], traced("-e", f"inject={plan}"), LONG)
            common(promise, code, said)
            taken = len(service.sent())
            promise(taken <= 1, f"sent {taken} times by one run")
            if code not in (0, 5, HANGS) and code < 128:
                promise(taken == 0 or "ACCEPTED" not in said, f"it was accepted, and the exit code is {code}: {said}")
            promise(code != 3 or taken == 0, f"'not sent' was said, and it was: {said}")
            again, _ = world.run(place, [*arguments, service.url])
            taken = len(service.sent())
            promise(taken <= 1, f"sent {taken} times, the second time by a run that did not ask (exit {code}, then {again})")
            promise((place / "m.json").read_text() == OLD, "a send changed the manifest")
            for path, content in everything(place / "state"):
                promise(KEY.encode() not in content, f"the key is in {path.name}")

    return planned(world, calls, check, 32)


def open_table(world):
    """Opens a file in the table while a call answers only EIO, from some time on."""
    with world.there(OLD) as place:
        with Screen(world, place, ["m.json"], traced(trace=place / "trace"), CUECARD_OFFLINE="1") as screen:
            screen.until(READY)
        calls = counted(place / "trace")

    def check(promise, plan):
        with world.there(OLD) as place:
            with Screen(world, place, ["m.json"], traced("-e", f"inject={plan}"), CUECARD_OFFLINE="1") as screen:
                found = screen.until(READY, "not loaded", seconds=LONG)
                # A terminal that takes nothing is gone: then there is nobody to tell, and nothing to stay for.
                is_gone = not found and plan.startswith("write:") and screen.ends(LONG) not in (None, PANIC)
                said = screen.text
            told = [words for words in ("cuecard:", "shared libraries") if words in said]
            promise(found or told or is_gone, f"no table and no sentence: {said[-300:]!r}")
            at_fault = [words for words in ("bug in cuecard", "panicked", "aborting") if words in said]
            promise(not at_fault, f"a panic: {said[-300:]!r}")

    for call, count in calls.items():
        for at in sorted({1, max(1, count // 2), count}) if call not in NO_ERRORS else []:
            plan = f"{call}:error=EIO:when={at}+"
            yield Case(plan, lambda promise, plan=plan: check(promise, plan), call, quick=at == count and len(call) % 5 == 0)


def journal(world):
    """Edits one value in the table, with a fault in a call on one of the journal's files, and starts again."""
    with world.there(OLD) as place:
        with edited(world, place) as screen:
            screen.until_settled(1.5)
        calls = counted(place / "trace")

    def check(promise, plan):
        with world.there(OLD) as place:
            with edited(world, place, "-e", f"inject={plan}") as screen:
                is_told = kept_or_told(screen, "KILL" in plan)
                said = screen.text
            promise((place / "m.json").read_text() == OLD, "the manifest changed without a save")
            promise("bug in cuecard" not in said, "a panic")
            with Screen(world, place, ["m.json"], CUECARD_OFFLINE="1") as again:
                promise(again.until(READY, "d drop them"), f"the next start shows nothing: {again.shown()}")
                # Which of the two it may be depends on when it was killed; without a kill it is offered, or was told of.
                is_offered = again.until("d drop them", seconds=1 if is_told or "KILL" in plan else LONG)
                told = again.text
            promise("damaged" not in told, "the journal counts as damaged")
            promise(is_offered or is_told or "KILL" in plan, f"the edit is lost without a word:\n{screen.shown()}")
            promise((place / "m.json").read_text() == OLD, "the recovery was applied by itself")

    yield from planned(world, calls, check, 48)


def edited(world, place, *options):
    """The table with one edit, the calls on the ledger's files traced."""
    files = [place / "state" / f"ledger.db{ending}" for ending in ("", "-wal", "-shm", "-journal", "-begun")]
    paths = [word for file in files for word in ("-P", str(file))]
    screen = Screen(world, place, ["m.json"], traced(*paths, *options, trace=place / "trace"), note=NOT_KEPT, CUECARD_OFFLINE="1")
    if screen.until(READY, seconds=LONG):
        screen.paste(VALUE)
        screen.until("Enter", seconds=LONG)
        screen.keys("\r")
        screen.until("unsaved", seconds=LONG)
    return screen


def kept_or_told(screen, is_killed):
    """Waits as long as the journal may need. Whether it was told that edits are not kept."""
    if is_killed:
        screen.ends(1.5)
        return False
    # The promise: a crash loses at most the last second. What can't be written is tried for 5 seconds, then told; a call
    # that is interrupted for ever, never.
    return screen.noted or bool(screen.until(NOT_KEPT, seconds=8))
