"""cuecard in a terminal of its own: keys go in, what stands on the screen is waited for, and every byte is looked at."""

import base64
import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

from world import PATIENCE

# Of what a terminal understands, cuecard writes these sequences and no other.
OWN = re.compile(
    r"\x1b\[(?:\d+;\d+H|\d*[ABCDGJK]|H|\?(?:25|1000|1002|1003|1006|1015|1049|2004)[hl]"
    r"|(?:0|1|2|3|4|7|9|2[1-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7]|59|[345]8;5;\d+|[345]8;2;\d+;\d+;\d+|[;])*m)"
)
TOKEN = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-Z\\^-~]|[^\x1b]")
# What may still become one with the bytes to come.
BEGUN = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*))?")
COPIED = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")
# Bidi controls, zero-width characters, fillers, tags: what `domain::printable` names instead of showing.
UNSEEN = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Screen:
    def __init__(self, world, place, arguments, before=(), size=(24, 80), note="", **more):
        self.master, self.slave = os.openpty()
        self.rows, self.columns = size
        self.resize(*size)
        self.modes = termios.tcgetattr(self.slave)
        # setsid -c: the terminal is the program's own, as in a window of its own.
        self.process = subprocess.Popen(
            ["setsid", "-c", *before, world.program, *arguments],
            cwd=place,
            env=world.environment(place, **more),
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
        )
        self.end = os.pidfd_open(self.process.pid)
        self.raw, self.text, self.faults, self.copied = bytearray(), "", [], []
        self.decoder, self.rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.switches = {}
        # A message that another may replace before anybody waits for it.
        self.note, self.noted = note, False

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if hasattr(self, "cells"):
            self.rows, self.columns = rows, columns
            self.cells = [[" "] * columns for _ in range(rows)]

    def read(self, seconds):
        """Takes what there is, or waits for it. False when the program has ended and all is read."""
        ready, _, _ = select.select([self.master, self.end], [], [], seconds)
        if self.master in ready:
            with contextlib.suppress(OSError):
                self.take(os.read(self.master, 65536))
                self.noted = self.noted or bool(self.note) and self.note in self.shown()
                return True
        return not ready

    def take(self, more):
        self.raw += more
        text = self.rest + self.decoder.decode(more)
        at = 0
        while token := TOKEN.match(text, at) or not BEGUN.fullmatch(text, at):
            if token is True:
                self.faults.append(f"no sequence at all: {text[at : at + 40]!r}")
                at += 1
            else:
                at = token.end()
                self.draw(token.group())
        self.text += text[:at]
        self.rest = text[at:]

    def draw(self, token):
        if token.startswith("\x1b"):
            copied = COPIED.fullmatch(token)
            if copied:
                self.copied.append(base64.b64decode(copied[1]))
            elif not OWN.fullmatch(token):
                self.faults.append(f"a sequence that is not ours: {token[:80]!r}")
            elif token[-1] == "H":
                at = [int(part) - 1 for part in token[2:-1].split(";")] if token[2:-1] else [0, 0]
                self.row, self.column = at
            elif token[-1] in "JK":
                self.cells = [[" "] * self.columns for _ in range(self.rows)]
            elif token[-1] in "hl":
                self.switches[token[2:-1]] = token[-1] == "h"
        elif token == "\r":
            self.column = 0
        elif token == "\n":
            self.row += 1
        else:
            if UNSEEN.search(token) or (CONTROL.search(token) and token not in "\r\n"):
                self.faults.append(f"a character that should be named: {token!r}")
            if unicodedata.combining(token):
                return
            if 0 <= self.row < self.rows and 0 <= self.column < self.columns:
                self.cells[self.row][self.column] = token
            self.column += 2 if unicodedata.east_asian_width(token) in "WF" else 1

    def shown(self):
        """The screen as it stands. Only what differs is drawn, letter by letter, so the bytes alone tell little."""
        return "\n".join("".join(line).rstrip() for line in self.cells)

    def until(self, *texts, seconds=PATIENCE):
        """The first of these texts that stands on the screen; None when the program ends or it takes too long."""
        give_up = time.monotonic() + seconds
        while True:
            shown = self.shown()
            found = next((text for text in texts if text in shown), None)
            left = give_up - time.monotonic()
            if found or left <= 0 or not self.read(left):
                return found or next((text for text in texts if text in self.shown()), None)

    def says(self, text, seconds=PATIENCE):
        """Whether this text comes, anywhere in what was written: also outside of cuecard's own screen."""
        give_up = time.monotonic() + seconds
        while text not in self.text:
            left = give_up - time.monotonic()
            if left <= 0 or not self.read(left):
                break
        return text in self.text

    def until_settled(self, seconds=0.3):
        """Until nothing was drawn for a while."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            before = len(self.raw)
            if not self.read(seconds) or len(self.raw) == before:
                return

    def keys(self, text):
        with contextlib.suppress(OSError):
            os.write(self.master, text.encode())

    def paste(self, text):
        self.keys(f"\x1b[200~{text}\x1b[201~")

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def ends(self, seconds=PATIENCE):
        """The exit code, 128 and more when a signal ended it; None when it goes on."""
        give_up = time.monotonic() + seconds
        while self.read(max(0, give_up - time.monotonic())):
            if time.monotonic() > give_up:
                return None
        code = self.process.wait(1)
        return 128 - code if code < 0 else code

    def kill(self):
        """As a crash would, with all that runs in the terminal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def not_given_back(self):
        """What of the terminal is not as it was before; empty if all is."""
        wrong = [f"mode {name} is on" for name in ("?1049", "?2004", "?1000", "?1003", "?1006") if self.switches.get(name)]
        if self.switches.get("?25") is False:
            wrong.append("the cursor is hidden")
        modes = termios.tcgetattr(self.master)
        if modes != self.modes:
            wrong.append(f"the modes are {modes[:4]}, and were {self.modes[:4]}")
        return ", ".join(wrong)

    def close(self):
        if self.process.poll() is None:
            self.kill()
        for file in (self.master, self.slave, self.end):
            with contextlib.suppress(OSError):
                os.close(file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
