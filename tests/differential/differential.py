"""Compares what cuecard says of a transcript with what real parsers make of it. Run by hand, not in CI.

    python -m venv /tmp/parsers && /tmp/parsers/bin/pip install av srt pysubs2 pysrt pycaption webvtt-py
    npm install --prefix /tmp/parsers webvtt-parser
    cargo build --release --example inspect
    nice /tmp/parsers/bin/python tests/differential/differential.py --files 50000 --w3c /tmp/parsers/node_modules/webvtt-parser

Makes sound SRT and WebVTT files, breaks them in small ways, and demands:
  1. where cuecard finds no error and no warning, every parser recovers the cues that stand there, at the same times;
  2. where cuecard finds an error, some parser recovers fewer cues than another or than stand there, or cues at other
     times. Faults of the rule `cue-timing` are not asked about: an end before its start, and 75 seconds in a minute,
     are wrong in the file itself, whatever parsers make of them (they take the cue and show it wrongly or never).
Exits with 1 when one of these is broken. Counted and shown, but not demanded:
  3. cuecard promises more recovered cues than the strictest parser has;
  4. or fewer, because a parser that refuses or stops counts for it only in some of the measured cases;
  5. what the W3C validator calls an error is not even a note.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

import parsers

WORDS = (
    "Well then & we dig a tunnel under the city, 1.567.202 people; 42 of them <i>sang</i> — at 10:30 o’clock … "
    "Übung macht 日本語 가나다 שלום R&D -dash 100% 3 >> no"
).split()
ODD_LINES = [
    "", "", " ", "\t", "42", "7", "1.567.202", "1.567.202 people", "a --> b", "-->", "00:00:01,000", "00:00:01.000", "10:30",
    "00:00:01,000 --> 00:00:02,000", "00:00:01.000 --> 00:00:02.000", "00:01.000 --> 00:02.000", "NOTE x", "NOTE", "STYLE",
    "REGION", "WEBVTT", "X-TIMESTAMP-MAP=LOCAL:00:00:00.000", "Kind: captions", "<b>", "</b>", "<v Bob>Hi", "&amp;", "&",
    "{\\an8}up", "from 00:00:01,000 to 00:00:02,000", "<00:00:01.000>a <00:00:02.000>b", "[Script Info]", "{1}{2}x", "♪",
    "-3", "4.5", "no 5", "5.", "１", "X1:1 X2:2", "00:00:0", "--", "\u2028", "\x0b", "\u00a0", "\ufeff1",
]  # fmt: skip
ODD_SIGNS = list("0123456789:,.->< \t\r\n&\0;/lO") + ["\u00a0", "\u2028", "\ufeff", "\x0c", "\u0085", "，", "：", "é", "→"]


def clock(ms, sign, short):
    hours, rest = divmod(ms, 3_600_000)
    text = f"{rest // 60_000:02}:{rest // 1000 % 60:02}{sign}{rest % 1000:03}"
    return text if short and not hours else f"{hours:02}:{text}"


def sound(rng, kind):
    """A sound file, as text with LF."""
    lines = []
    if kind == "vtt":
        lines += ["WEBVTT" + rng.choice(["", "", " a title"])]
        if rng.random() < 0.2:
            lines += [rng.choice(["Kind: captions", "X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0"])]
        lines += [""]
    at = rng.choice([0, 1000, 3_590_000])
    short = rng.random() < 0.5
    has_ids = rng.random() < 0.5
    for number in range(1, rng.randint(2, 8)):
        at += rng.randint(0, 3000)
        end = at + rng.randint(400, 4000)
        if kind == "srt":
            lines += [str(number), f"{clock(at, ',', False)} --> {clock(end, ',', False)}"]
        else:
            if rng.random() < 0.1:
                lines += ["NOTE a comment", ""]
            if has_ids:
                lines += [rng.choice([str(number), f"id {number}"])]
            setting = rng.choice(["", "", "", " align:start", " line:80% position:10%,line-left"])
            lines += [f"{clock(at, '.', short)} --> {clock(end, '.', short)}{setting}"]
        for _ in range(rng.randint(1, 3)):
            lines += [" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 6)))]
        lines += [""] * rng.choice([1, 1, 1, 2])
        at = end
    return "\n".join(lines) + rng.choice(["", "\n"])


def broken(rng, text):
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    times = [i for i, line in enumerate(lines) if "-->" in line] or [0]
    match rng.randrange(12):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3 | 4:
            lines.insert(at, rng.choice(ODD_LINES))
        case 5:
            lines[at] = rng.choice(ODD_LINES)
        case 6 | 7:
            # In the line of times, where it matters most.
            at = rng.choice(times)
            place = rng.randrange(len(lines[at]) + 1)
            sign = rng.choice(ODD_SIGNS + [""])
            lines[at] = lines[at][:place] + sign + lines[at][place + rng.randrange(2) :]
        case 8:
            place = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + rng.choice(ODD_SIGNS) + lines[at][place + rng.randrange(2) :]
        case 9:
            text = "\n".join(lines)
            return text[: rng.randrange(len(text) + 1)]
        case 10:
            lines[at] = rng.choice([" " + lines[at], lines[at] + " ", lines[at] + "\t", lines[at].upper(), lines[at][::-1]])
        case 11:
            old, new = rng.choice([(",", "."), (".", ","), (" --> ", "-->"), ("00:", ""), ("00:", "0:"), (" --> ", " -> ")])
            at = rng.choice(times)
            lines[at] = lines[at].replace(old, new, rng.choice([1, 9]))
    return "\n".join(lines)


def encoded(rng, text):
    dice = rng.random()
    if dice < 0.1:
        text = text.replace("\n", "\r\n")
    elif dice < 0.12:
        text = text.replace("\n", "\r")
    data = text.encode()
    dice = rng.random()
    if dice < 0.04:
        return b"\xef\xbb\xbf" + data
    if dice < 0.05:
        return text.encode("utf-16")
    if dice < 0.06:
        return text.encode("latin-1", "replace")
    return data


# Rules about the times of a cue and not about its loss: see the head.
FAULTS_OF_THE_FILE = {"cue-timing"}


class Cuecard:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, path):
        self.process.stdin.write(path + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--files", type=int, default=2000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--w3c", required=True, help="folder of the npm package webvtt-parser")
    words.add_argument("--cuecard", default="target/release/examples/inspect")
    words.add_argument("--show", type=int, default=5, help="files shown of each complaint")
    given = words.parse_args()
    rng = random.Random(given.seed)
    cuecard, w3c = Cuecard(given.cuecard), parsers.W3c(given.w3c)
    measured = {"srt": parsers.for_srt(), "vtt": parsers.for_webvtt(w3c)}
    counts, complaints = collections.Counter(), collections.defaultdict(list)
    folder = tempfile.mkdtemp(prefix="cuecard-differential-")
    for _ in range(given.files):
        kind = rng.choice(["srt", "vtt"])
        text = sound(rng, kind)
        changes = rng.choice([0, 1, 1, 1, 2, 3])
        for _ in range(changes):
            text = broken(rng, text)
        data = encoded(rng, text)
        path = parsers.written(data, "." + kind, folder)
        said = cuecard(path)
        counts["files"] += 1
        if "other" in said:
            counts["not subtitles"] += 1
            os.unlink(path)
            continue
        heavy = [fault for fault in said["faults"] if fault["severity"] != "note"]
        kind = "srt" if said["format"] == "Srt" else "vtt"
        found = {name: parse(path) for name, parse in measured[kind].items()}
        counts["clean" if not heavy else "faulty"] += 1
        shown = (said, found, data)
        if changes == 0 and heavy and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe")) and b"\r" not in data:
            counts.update(f"of {fault['kind']} in sound files" for fault in heavy)
        starts = list(found.values())
        everyone_agrees = all(cues == starts[0] for cues in starts) and len(starts[0] or []) == said["apparent"]
        if not heavy and not everyone_agrees:
            complaints["1: called clean, and parsers differ"].append(shown)
        lossy = [fault for fault in heavy if fault["severity"] == "error" and fault["rule"] not in FAULTS_OF_THE_FILE]
        if lossy and everyone_agrees:
            complaints[f"2: {lossy[0]['kind']} is an error, and all parsers agree"].append(shown)
        counts["errors"] += any(fault["severity"] == "error" for fault in heavy)
        least = min(len(cues or []) for cues in starts)
        if said["recovered"] > least:
            complaints["3: promises more than the strictest parser has"].append(shown)
        elif said["recovered"] < least:
            complaints["4: promises fewer than the strictest parser has"].append(shown)
        else:
            counts["recovered as the strictest parser"] += 1
        if kind == "vtt" and not said["faults"]:
            for message in w3c(path)["errors"][:1]:
                complaints[f"5: W3C: {message}"].append(shown)
        os.unlink(path)
    for name, files in sorted(complaints.items()):
        print(f"\n{name}: {len(files)}")
        for said, found, data in sorted(files, key=lambda shown: len(shown[2]))[: given.show]:
            faults = [(fault["kind"], fault["line"]) for fault in said["faults"]]
            print(f"  {said['format']} {said['apparent']} stand, {said['recovered']} recovered, {faults}\n  {found}\n  {data!r}")
    print("\n" + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    sys.exit(1 if any(name.startswith(("1", "2")) for name in complaints) else 0)


if __name__ == "__main__":
    main()
