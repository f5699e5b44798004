"""Where a case happens: a folder of its own, cuecard run in it with its own state, and the cases tried one after another."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Callable

KEY = "tlk_faults_0123456789"
HANGS = -1
# Longer than anything takes that is not stuck, on a busy machine, too. What is waited for is waited for by itself.
PATIENCE = 30
# Exit codes are an interface: README, "Exit codes".
DOCUMENTED = {0, 1, 2, 3, 4, 5, 6}
PANIC = 101


def manifest(*rows):
    """Rows of (object, transcription), in the way a person would write them."""
    lines = ",\n".join(
        f'  {{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "{video}", "transcription": "{transcript}"}}'
        for video, transcript in rows
    )
    return f"[\n{lines}\n]\n"


@dataclasses.dataclass
class Case:
    """One thing that is tried. Its name says all that is needed to try it again: `--only NAME`."""

    name: str
    # Calls its argument with whether a promise holds, and what to say if it doesn't.
    check: Callable[[Callable[[bool, str], None]], None]
    # What its numbers are counted under.
    group: str = ""
    # It belongs to the choice that .ci/run tries.
    quick: bool = False


class World:
    def __init__(self, program, only="", quick=False, every=False):
        self.program, self.only, self.quick, self.every = str(Path(program).resolve()), only, quick, every
        self.root = Path(tempfile.mkdtemp(prefix="cuecard-faults-"))
        self.can_trace = can_trace()
        self.lock = threading.Lock()
        self.places = 0

    def place(self, text=None, name="m.json"):
        """A folder for one case, with a manifest."""
        with self.lock:
            self.places += 1
            place = self.root / str(self.places)
        place.mkdir()
        if text is not None:
            (place / name).write_text(text)
        return place

    @contextlib.contextmanager
    def there(self, text=None):
        """A folder for one case, gone after it."""
        place = self.place(text)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def environment(self, place, **more):
        return {
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "CUECARD_STATE_DIR": str(place / "state"),
            "CUECARD_CONFIG_DIR": str(place / "config"),
            # Nobody listens there: no case leaves this machine.
            "CUECARD_S3_ENDPOINT": "http://127.0.0.1:1",
            "TWELVELABS_API_KEY": KEY,
            **more,
        }

    def start(self, place, arguments, before=(), **more):
        return subprocess.Popen(
            [*before, self.program, *arguments],
            cwd=place,
            env=self.environment(place, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def ended(self, process, seconds=PATIENCE):
        """The exit code, 128 and more when a signal ended it, and what was said on both outputs."""
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            try:
                out, err = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired as held:
                # Something outside the group still holds the pipe: what was said so far counts.
                out, err = held.stdout or b"", held.stderr or b""
            return HANGS, out, err
        code = process.returncode
        return (128 - code if code < 0 else code), out, err

    def run(self, place, arguments, before=(), seconds=PATIENCE, **more):
        """As `ended`, of one run, with what was said as one text."""
        code, out, err = self.ended(self.start(place, arguments, before, **more), seconds)
        return code, (out + err).decode(errors="replace")

    def try_all(self, part, cases, at_once=2):
        """Tries the cases and returns how many there were, and the promises that were broken."""
        wanted = [case for case in cases if self.only in case.name and (case.quick or not self.quick)]
        groups, broken, unsteady = collections.Counter(), [], []
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            for case, faults in zip(wanted, pool.map(tried, wanted)):
                groups[case.group] += 1
                # What another process or a busy machine did is not seen again by itself; what cuecard did, is.
                again = tried(case) if faults else []
                for fault in again or faults:
                    (broken if again else unsteady).append(f"{part} {case.name}: {fault}")
                    print(f"{'BROKEN' if again else 'broken once, not again:'}  {part} {case.name}: {fault}", flush=True)
        took = time.monotonic() - begun
        print("  " + ", ".join(f"{group} {count}" for group, count in groups.items()), flush=True)
        print(f"{part}: {len(wanted)} cases, {len(broken)} violations, {len(unsteady)} not seen again, in {took:.0f} s", flush=True)
        return len(wanted), broken, unsteady

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)


def tried(case):
    """The promises that one case broke. A case that itself fails proved nothing, so that counts, too."""
    faults = []
    try:
        case.check(lambda holds, what: None if holds else faults.append(what))
    except Exception:
        faults.append("the case itself failed: " + " / ".join(traceback.format_exc().splitlines()[-3:]))
    return faults


def can_trace():
    """strace is there, and the system lets it trace."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


def everything(folder):
    """Every file below a folder, with its content."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            if path.is_file():
                yield path, path.read_bytes()
