#!/usr/bin/env python3
"""Kills cuecard at every system call of a save and of a send, and lets every one of them fail, and looks at what is left.

    cargo build && tests/faults/faults.py            a minute or two
    tests/faults/faults.py --every                   every single call; long
    tests/faults/faults.py --program target/release/cuecard save

It needs strace. It prints how many cases were tried and each promise that was broken, and ends with 1 if one was.

What must hold
- the manifest is old or new, whole; new when the exit code says so
- nothing of ours lies beside it after the next run that is left alone
- whatever was sent is in the ledger, and the same bytes are not sent again by the next run
- no panic: exit code 101 never
"""

import argparse
import collections
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
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
NO_ERRORS = {"mmap", "mprotect", "rt_sigaction", "set_tid_address", "rseq", "set_robust_list", "sigaltstack", "poll"}
ERRORS = ["EIO", "ENOSPC", "EINTR", "EACCES"]
KEY = "tlk_faults_0123456789"


class Service(http.server.BaseHTTPRequestHandler):
    """Takes every manifest and counts them."""

    taken = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if len(body) == int(self.headers["content-length"]):
            Service.taken += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Harness:
    def __init__(self, program, every):
        self.program, self.every = program, every
        self.cases, self.broken = 0, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def run(self, place, arguments, inject=None, trace="/dev/null"):
        """The exit code, 128 and more when a signal ended it, and what was said."""
        environment = {
            "PATH": os.environ["PATH"],
            "CUECARD_STATE_DIR": str(place / "state"),
            "CUECARD_CONFIG_DIR": str(place),
            "TWELVELABS_API_KEY": KEY,
        }
        strace = ["strace", "-f", "-qq", "-o", str(trace)]
        command = (strace + (["-e", f"inject={inject}"] if inject else []) if inject or trace != "/dev/null" else [])
        process = subprocess.Popen(
            command + [self.program, *arguments],
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "hang", ""
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
        text = (place / "trace").read_text(errors="replace")
        shutil.rmtree(place)
        counts = collections.Counter(re.findall(r"^(?:\d+ +)?([a-z_0-9]+)\(", text, re.MULTILINE))
        return {call: count for call, count in sorted(counts.items()) if call not in NOT_OURS}

    def plans(self, arguments):
        for call, count in self.calls(arguments).items():
            wanted = range(1, count + 1)
            if not self.every and count > 12:
                # The first ones are of the loader; the last ones are where something is at stake.
                wanted = sorted({*range(1, count, max(1, count // 6)), *range(count - 5, count + 1)})
            for at in wanted:
                yield f"{call}:signal=KILL:when={at}"
                if call not in NO_ERRORS:
                    errors = ERRORS if self.every else [ERRORS[at % len(ERRORS)]]
                    for error in errors:
                        yield f"{call}:error={error}:when={at}"
                        yield f"{call}:error={error}:when={at}+"

    def promise(self, holds, plan, what):
        if not holds:
            self.broken.append(f"{plan}: {what}")
            print(f"BROKEN  {plan}: {what}", flush=True)

    def common(self, plan, code, said):
        self.cases += 1
        self.promise(code != 101 and "fault of cuecard" not in said, plan, f"a panic: {said[:200]}")
        # The loader's own end, before there is a program.
        return code in (127, 134, 139)

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", choices=["save", "send", []], default=["save", "send"])
    parser.add_argument("--every", action="store_true", help="every call and every error, not a choice of them")
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "target/debug/cuecard"))
    arguments = parser.parse_args()
    if not shutil.which("strace"):
        print("skipped: strace is not installed (apt-get install strace)")
        return 0
    harness = Harness(str(Path(arguments.program).resolve()), arguments.every)
    for what in arguments.what:
        getattr(harness, what)()
        print(f"{what}: {harness.cases} cases so far, {len(harness.broken)} promises broken", flush=True)
    return 1 if harness.broken else 0


if __name__ == "__main__":
    sys.exit(main())
