"""The cues that each real parser recovers from a file: their starts in milliseconds, in order. A refusal is `None`."""

import json
import logging
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
logging.disable()


def ffmpeg(path):
    """FFmpeg as a library (it finds the format by itself), because a process a file would take minutes."""
    try:
        with av.open(path) as container:
            streams = container.streams.subtitles
            if not streams:
                return None
            packets = [packet for packet in container.demux(streams) if packet.size or packet.pts is not None]
            return sorted(round(packet.pts * packet.time_base * 1000) for packet in packets)
    except (av.error.FFmpegError, OSError, ValueError):
        return None


def python_srt(path):
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return sorted(round(cue.start.total_seconds() * 1000) for cue in srt.parse(file.read()))
    except (srt.SRTParseError, UnicodeError, ValueError, OverflowError):
        return None


def python_pysrt(path):
    try:
        return sorted(cue.start.ordinal for cue in pysrt.open(path))
    except (UnicodeError, pysrt.Error, ValueError):
        return None


def python_pysubs2(path):
    try:
        return sorted(cue.start for cue in pysubs2.load(path))
    except (pysubs2.exceptions.Pysubs2Error, UnicodeError, ValueError):
        return None


def python_pycaption(reader):
    def starts(path):
        try:
            with open(path, "rb") as file:
                return sorted(round(cue.start / 1000) for cue in reader().read(file.read()).get_captions("en-US"))
        except Exception:  # It raises what comes.
            return None

    return starts


def milliseconds(clock):
    """`01:02:03.004`"""
    hours, minutes, seconds = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)


def python_webvtt(path):
    try:
        return sorted(milliseconds(cue.start) for cue in webvtt.read(path))
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
      console.log(JSON.stringify({ starts: found.cues.map((c) => Math.round(c.startTime * 1000)), errors: found.errors.map((e) => e.message) }));
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
    return {
        "ffmpeg": ffmpeg,
        "srt": python_srt,
        "pysubs2": python_pysubs2,
        "pysrt": python_pysrt,
        "pycaption": python_pycaption(pycaption.SRTReader),
    }


def for_webvtt(w3c):
    return {
        "w3c": lambda path: sorted(w3c(path)["starts"]),
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
