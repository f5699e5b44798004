#!/usr/bin/env python3
"""Tries to break cuecard's promises, and tells which it broke.

    cargo build && python3 tests/faults/faults.py      all parts in full; half an hour or so
    tests/faults/faults.py --quick                     the choice that .ci/run tries; a minute
    tests/faults/faults.py server secret               only these parts
    tests/faults/faults.py save --only 'fsync:error'   only cases with this in their name, as a violation prints it
    tests/faults/faults.py --every save                every error at every call; long

Each part is a file of that name, whose first lines say what it does and what must hold. Each prints its cases, and of each
violation the name that tries it again. A case that breaks a promise is tried twice: only what is seen again is a violation.
It ends with 1 if there is one. `rows.sh` beside this kills sends row by row.
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import calls
import hostile
import instances
import secret
import signals
import text
from world import World

PARTS = {
    "save": calls.save,
    "send": calls.send,
    "open": calls.open_table,
    "journal": calls.journal,
    "signals": signals.cases,
    "instances": instances.cases,
    "server": hostile.cases,
    "secret": secret.cases,
    "text": text.cases,
}
# They make system calls fail.
TRACED = {"save", "send", "open", "journal"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="a fixed choice of cases")
    parser.add_argument("--every", action="store_true", help="every error at every call")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this text in their name")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="cases at once; most of them wait [4]")
    parser.add_argument("--program", default=Path(__file__).resolve().parents[2] / "target/debug/cuecard")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    world = World(arguments.program, arguments.only, arguments.quick, arguments.every)
    cases, broken, unsteady = 0, [], []
    try:
        for part in arguments.parts or PARTS:
            if part in TRACED and not world.can_trace:
                print(f"{part}: skipped, because strace is not installed or not allowed to trace here", flush=True)
                continue
            tried, wrong, once = world.try_all(part, PARTS[part](world), arguments.at_once)
            cases, broken, unsteady = cases + tried, broken + wrong, unsteady + once
    finally:
        world.close()
    print(f"\n{cases} cases, {len(broken)} violations, {len(unsteady)} broken once and not again")
    for violation in broken:
        print(f"violation: {violation}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
