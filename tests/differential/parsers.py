"""How many cues each real parser recovers from a file. A refusal is `None`.

`strict` names the parsers that must agree whenever cuecard says that a file is clean; `all` adds the other measured ones.
"""

import json
import os
import subprocess
import tempfile
import warnings

import av
import pycaption
import pysrt
import pysubs2
import srt
import webvtt

warnings.simplefilter("ignore")
av.logging.set_level(None)


def ffmpeg(path):
    """FFmpeg as a library (it finds the format by itself), because a process a file would take minutes."""
    try:
        with av.open(path) as container:
            streams = container.streams.subtitles
            return sum(1 for p in container.demux(streams) if p.size or p.pts is not None) if streams else None
    except (av.error.FFmpegError, OSError, ValueError):
        return None


def ffprobe(path):
    """The FFmpeg that is installed."""
    command = ["ffprobe", "-v", "quiet", "-show_entries", "packet=pts", "-of", "csv", path]
    done = subprocess.run(command, capture_output=True, check=False)
    return None if done.returncode else sum(1 for line in done.stdout.splitlines() if line.startswith(b"packet"))


def python_srt(path):
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return len(list(srt.parse(file.read())))
    except (srt.SRTParseError, UnicodeError, ValueError, OverflowError):
        return None


def python_pysrt(path):
    try:
        return len(pysrt.open(path))
    except (UnicodeError, pysrt.Error, ValueError):
        return None


def python_pysubs2(path):
    try:
        return len(pysubs2.load(path))
    except (pysubs2.exceptions.Pysubs2Error, UnicodeError, ValueError):
        return None


def python_pycaption(reader):
    def count(path):
        try:
            with open(path, "rb") as file:
                return len(reader().read(file.read()).get_captions("en-US"))
        except Exception:  # It raises what comes.
            return None

    return count


def python_webvtt(path):
    try:
        return len(webvtt.read(path))
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError, UnicodeError, ValueError):
        return None


class W3c:
    """The reference validator of the W3C (npm `webvtt-parser`), one process for all files."""

    SOURCE = """
    const { WebVTTParser } = require(process.argv[1]);
    const entities = require(process.argv[1] + "/html-entities.json");
    const fs = require("fs");
    require("readline").createInterface({ input: process.stdin }).on("line", (path) => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(fs.readFileSync(path));
      const found = new WebVTTParser(entities).parse(text, "subtitles/captions/descriptions");
      console.log(JSON.stringify({ cues: found.cues.length, errors: found.errors.map((e) => e.message) }));
    });
    """

    def __init__(self, package):
        command = ["node", "-e", self.SOURCE, os.path.abspath(package)]
        self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, path):
        self.node.stdin.write(path + "\n")
        self.node.stdin.flush()
        return json.loads(self.node.stdout.readline())


def for_srt():
    """Name, parser, and whether it must agree on a clean file."""
    return {
        "ffmpeg": ffmpeg,
        "srt": python_srt,
        "pysubs2": python_pysubs2,
        "pysrt": python_pysrt,
        "pycaption": python_pycaption(pycaption.SRTReader),
    }


def for_webvtt(w3c):
    return {
        "w3c": lambda path: w3c(path)["cues"],
        "ffmpeg": ffmpeg,
        "pysubs2": python_pysubs2,
        "webvtt": python_webvtt,
        "pycaption": python_pycaption(pycaption.WebVTTReader),
    }


def written(data, suffix, folder=None):
    handle, path = tempfile.mkstemp(suffix=suffix, dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return path
