#!/usr/bin/env python3
"""Kills cuecard at every system call of a save, a send and the journal, lets every one fail, and those of a start, too, and
looks at what is left.

    cargo build && tests/faults/faults.py            ten minutes or so
    tests/faults/faults.py --every                   every single call; long
    tests/faults/faults.py --program target/release/cuecard save

It needs strace. It prints each promise that was broken at once, and of each system call how many cases were tried; it ends
with 1 if a promise was broken. What hangs is ended after some seconds, so no case holds up the others.

What must hold
- the manifest is old or new, whole; new when the exit code says so
- nothing of ours lies beside it after the next run that is left alone
- whatever was sent is in the ledger, and the same bytes are not sent again by the next run
- an edit that the journal had a second for is offered by the next start, and none is applied by itself; a journal whose
  creation was killed is a new one
- no panic: exit code 101 never; what takes long says so
"""

import argparse
import collections
import fcntl
import http.server
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

OLD = (
    '[\n  {"index_id": "6298d673f1090f1100476d4c", "language": "en",'
    ' "object": "s3://acme-video/news/0700.mp4", "transcription": ""}\n]\n'
)
VALUE = "s3://acme-captions/news/0700.srt"
NEW = OLD.replace('"transcription": ""', f'"transcription": "{VALUE}"')
# Of the start and the end of every program, before and after anything is at stake; and what strace can't let fail.
NOT_OURS = {"execve", "exit", "exit_group", "brk", "arch_prctl", "rt_sigreturn", "restart_syscall", "munmap"}
# Without these no program starts at all, whatever is in it: the loader and the allocator need them.
NO_ERRORS = {"mmap", "mprotect", "rt_sigaction", "set_tid_address", "rseq", "set_robust_list", "sigaltstack", "poll", "futex"}
# A program that is never told anything but "again" can't say so either.
NO_INTERRUPTIONS = {"write", "getrandom"}
ERRORS = ["EIO", "ENOSPC", "EINTR", "EACCES"]
HANGS = -1
# What needs longer is told after 4 seconds, and counts as hanging if it is not.
PATIENCE = 8
# What the table shows when the row is checked.
READY = "missing 1"
NOT_KEPT = "keeps no edits"
KEY = "tlk_faults_0123456789"


class Service(http.server.BaseHTTPRequestHandler):
    """Takes every manifest and counts them."""

    taken = 0
    # A client that was killed before it sent all would hold the thread.
    timeout = PATIENCE

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if len(body) == int(self.headers["content-length"]):
            Service.taken += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Screen:
    """cuecard in a terminal of its own, perhaps under strace."""

    def __init__(self, command, cwd, environment):
        environment = {**environment, "CUECARD_OFFLINE": "1"}
        self.text, self.is_warned = b"", False
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self, seconds):
        """False when the terminal is closed."""
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        if not ready:
            return True
        try:
            more = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.text += more
        # A message is replaced by the next one.
        self.is_warned = self.is_warned or bool(self.drawn(NOT_KEPT))
        return bool(more)

    def until(self, *texts, seconds=PATIENCE):
        """The first of these texts that is drawn; None when it ends or takes too long."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            found = self.drawn(*texts)
            if found:
                return found
            if not self.read(0.05):
                return self.drawn(*texts)
        return None

    def drawn(self, *texts):
        """The first of these texts that is on the screen or, where it was given back, was printed after it."""
        shown = "\n".join(self.lines()) + self.text.decode(errors="replace")
        return next((text for text in texts if text in shown), None)

    def lines(self):
        """The screen as it stands. Only what differs is drawn, letter by letter, so the bytes alone tell little."""
        rows = [[" "] * 80 for _ in range(24)]
        row = column = 0
        for move, end, sign in re.findall(r"\x1b\[([0-9;?]*)([a-zA-Z])|([^\x1b])", self.text.decode(errors="replace")):
            if end == "H":
                row, column = ([int(part) - 1 for part in move.split(";")] + [0, 0])[:2] if move else (0, 0)
            elif end == "J":
                rows = [[" "] * 80 for _ in range(24)]
            elif sign == "\r":
                column = 0
            elif sign == "\n":
                row += 1
            elif sign and row < 24 and column < 80:
                rows[row][column] = sign
                column += 1
        return ["".join(line).rstrip() for line in rows]

    def keys(self, text):
        try:
            os.write(self.terminal, text.encode())
        except OSError:
            pass

    def wait(self, seconds):
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and self.read(0.05):
            pass

    def kill(self):
        """As a crash would, with all that runs in the terminal; the exit status."""
        children = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True).stdout.split()
        for pid in [*map(int, children), self.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Harness:
    def __init__(self, program, every):
        self.program, self.every = program, every
        self.cases, self.broken = 0, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def environment(self, place):
        return {
            "PATH": os.environ["PATH"],
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "CUECARD_STATE_DIR": str(place / "state"),
            "CUECARD_CONFIG_DIR": str(place),
            "TWELVELABS_API_KEY": KEY,
        }

    def run(self, place, arguments, inject=None, trace="/dev/null"):
        """The exit code, 128 and more when a signal ended it, and what was said."""
        strace = ["strace", "-f", "-qq", "-o", str(trace)]
        command = (strace + (["-e", f"inject={inject}"] if inject else []) if inject or trace != "/dev/null" else [])
        process = subprocess.Popen(
            command + [self.program, *arguments],
            cwd=place,
            env=self.environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            try:
                out, err = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired as held:
                # Something outside the group still holds the pipe: what was said so far counts.
                out, err = held.stdout or b"", held.stderr or b""
            return HANGS, (out + err).decode(errors="replace")
        code = process.returncode
        return (128 - code if code < 0 else code), (out + err).decode(errors="replace")

    def place(self):
        place = Path(tempfile.mkdtemp(prefix="cuecard-faults-"))
        (place / "m.json").write_text(OLD)
        return place

    def calls(self, arguments):
        """How often each system call is made in one run that is left alone."""
        place = self.place()
        self.run(place, arguments, trace=place / "trace")
        calls = self.counted(place / "trace")
        shutil.rmtree(place)
        return calls

    def counted(self, trace):
        text = trace.read_text(errors="replace")
        counts = collections.Counter(re.findall(r"^(?:\d+ +)?([a-z_0-9]+)\(", text, re.MULTILINE))
        return {call: count for call, count in sorted(counts.items()) if call not in NOT_OURS}

    def plans(self, arguments, calls=None):
        calls = self.calls(arguments) if calls is None else calls
        for call, count in calls.items():
            before, broken = self.cases, len(self.broken)
            wanted = range(1, count + 1)
            if not self.every and count > 8:
                # The first ones are of the loader; the last ones are where something is at stake.
                wanted = sorted({*range(1, count, max(1, count // 4)), *range(count - 3, count + 1)})
            for at in wanted:
                yield f"{call}:signal=KILL:when={at}"
                if call not in NO_ERRORS:
                    errors = ERRORS if self.every else [ERRORS[at % len(ERRORS)]]
                    for error in errors:
                        yield f"{call}:error={error}:when={at}"
                        if error != "EINTR" or call not in NO_INTERRUPTIONS:
                            yield f"{call}:error={error}:when={at}+"
            print(f"{call}: {self.cases - before} cases, {len(self.broken) - broken} promises broken", flush=True)

    def promise(self, holds, plan, what):
        if not holds:
            self.broken.append(f"{plan}: {what}")
            print(f"BROKEN  {plan}: {what}", flush=True)

    def common(self, plan, code, said):
        self.cases += 1
        self.promise(code != 101 and "bug in cuecard" not in said, plan, f"a panic: {said[:200]}")
        # A call that is interrupted for ever is tried for ever by the libraries below: then that is said.
        self.promise(code != HANGS or "not answer" in said, plan, "it hangs without a word")

    def save(self):
        arguments = ["set", "m.json", "transcription", VALUE]
        for plan in self.plans(arguments):
            place = self.place()
            code, said = self.run(place, arguments, plan)
            self.common(plan, code, said)
            path = place / "m.json"
            there = path.read_text() if path.exists() else None
            self.promise(there in (OLD, NEW), plan, f"the manifest is neither old nor new: {there!r}")
            if code == 0:
                self.promise(there == NEW, plan, f"it ended well and the manifest is old: {said}")
            self.run(place, ["set", "m.json", "language", "fr"])
            litter = [name for name in os.listdir(place) if name.startswith(".cuecard-")]
            # What was the manifest is kept where it could not be looked at; then it is told.
            untold = [name for name in litter if name not in said]
            self.promise(not untold, plan, f"left behind: {untold}")
            shutil.rmtree(place)

    def send(self):
        host, port = self.server.server_address
        arguments = ["submit", "m.json", "--yes", "--api-url", f"http://{host}:{port}/v1.2"]
        for plan in self.plans(arguments):
            place = self.place()
            before = Service.taken
            code, said = self.run(place, arguments, plan)
            self.common(plan, code, said)
            taken = Service.taken - before
            self.promise(taken <= 1, plan, f"sent {taken} times by one run")
            if code not in (0, 5, HANGS) and code < 128:
                self.promise(taken == 0 or "ACCEPTED" not in said, plan, f"it was accepted, and the exit code is {code}: {said}")
            if code == 3:
                self.promise(taken == 0, plan, f"'not sent' was said, and it was: {said}")
            again, _ = self.run(place, arguments)
            taken = Service.taken - before
            self.promise(taken <= 1, plan, f"sent {taken} times, the second time by a run that did not ask (exit {code}, then {again})")
            self.promise((place / "m.json").read_text() == OLD, plan, "a send changed the manifest")
            for root, _, names in os.walk(place / "state"):
                for name in names:
                    self.promise(KEY.encode() not in (Path(root) / name).read_bytes(), plan, f"the key is in {name}")
            shutil.rmtree(place)


    def open(self):
        """Opens a file in the table while a call answers only EIO, from some time on."""
        place = self.place()
        arguments = ["strace", "-f", "-qq", "-o", str(place / "trace"), self.program, "m.json"]
        screen = Screen(arguments, place, self.environment(place))
        screen.until(READY)
        screen.kill()
        calls = self.counted(place / "trace")
        shutil.rmtree(place)
        for call, count in calls.items():
            before, broken = self.cases, len(self.broken)
            for at in sorted({1, max(1, count // 2), count}) if call not in NO_ERRORS else []:
                plan, place = f"{call}:error=EIO:when={at}+", self.place()
                command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={plan}", self.program, "m.json"]
                screen = Screen(command, place, self.environment(place))
                found = screen.until(READY, "cuecard:", "shared libraries", "not loaded")
                said = screen.text.decode(errors="replace")
                screen.kill()
                self.cases += 1
                self.promise(found is not None, plan, f"no table and no sentence: {said[-300:]!r}")
                at_fault = [words for words in ("bug in cuecard", "panicked", "aborting") if words in said]
                self.promise(not at_fault, plan, f"a panic: {said[-300:]!r}")
                shutil.rmtree(place, ignore_errors=True)
            print(f"{call}: {self.cases - before} cases, {len(self.broken) - broken} promises broken", flush=True)

    def journal(self):
        """Edits one value in the table, with a fault in a call on one of the journal's files, and starts again."""
        calls = self.calls_of_journal()
        for plan in self.plans(None, calls):
            place = self.place()
            screen = self.edit(place, ["-e", f"inject={plan}"])
            said, is_told, shown = screen.text.decode(errors="replace"), screen.is_warned, screen.lines()
            screen.kill()
            # Which of the two it may be depends on when it was killed; without a kill it is offered, or was told of.
            must_be_offered = "signal=KILL" not in plan and not is_told
            self.cases += 1
            self.promise((place / "m.json").read_text() == OLD, plan, "the manifest changed without a save")
            self.promise("bug in cuecard" not in said, plan, "a panic")
            again = Screen([self.program, "m.json"], place, self.environment(place))
            found = again.until("recovered.", READY)
            if found == READY:
                # The offer comes after the first frame.
                found = again.until("recovered.", seconds=1) or found
            told = again.text.decode(errors="replace")
            again.kill()
            self.promise(found is not None, plan, f"the next start shows nothing: {told[-300:]!r}")
            self.promise("damaged" not in told, plan, "the journal counts as damaged")
            self.promise(found == "recovered." or not must_be_offered, plan, f"the edit is lost without a word: {shown}")
            self.promise((place / "m.json").read_text() == OLD, plan, "the recovery was applied by itself")
            shutil.rmtree(place, ignore_errors=True)

    def edit(self, place, options):
        files = [place / "state" / f"ledger.db{ending}" for ending in ("", "-wal", "-shm", "-journal", "-begun")]
        paths = [word for file in files for word in ("-P", str(file))]
        command = ["strace", "-f", "-qq", "-o", str(place / "trace"), *paths, *options, self.program, "m.json"]
        screen = Screen(command, place, self.environment(place))
        if screen.until(READY):
            screen.keys(f"\x1b[200~{VALUE}\x1b[201~")
            screen.until("Enter")
            screen.keys("\r")
            screen.until("unsaved")
            # The promise: a crash loses at most the last second. What can't be written is tried for 5 seconds, then told.
            screen.wait(1.5 if "signal=KILL" in "".join(options) or not options else 8)
        return screen

    def calls_of_journal(self):
        place = self.place()
        self.edit(place, []).kill()
        calls = self.counted(place / "trace")
        shutil.rmtree(place)
        return calls


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ["save", "send", "open", "journal"]
    parser.add_argument("what", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; all by default")
    parser.add_argument("--every", action="store_true", help="every call and every error, not a choice of them")
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "target/debug/cuecard"))
    arguments = parser.parse_args()
    if not shutil.which("strace"):
        print("skipped: strace is not installed (apt-get install strace)")
        return 0
    unknown = set(arguments.what) - set(parts)
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(parts)}")
    harness = Harness(str(Path(arguments.program).resolve()), arguments.every)
    for what in arguments.what or parts:
        getattr(harness, what)()
        print(f"{what}: {harness.cases} cases so far, {len(harness.broken)} promises broken", flush=True)
    return 1 if harness.broken else 0


if __name__ == "__main__":
    sys.exit(main())
