#!/usr/bin/env bash
# Something to begin with for each target: the samples of assets/, in the form that the target takes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
samples=../../assets/samples
mkdir -p corpus/boxes corpus/manifest
for file in "$samples"/video/*; do
    # The first byte says how the bytes are served: honestly, and so that jumps over a hole of 2 MiB land.
    for mood in 000 251; do
        { printf "\\$mood"; cat "$file"; } > "corpus/boxes/$mood-$(basename "$file")"
    done
done
cp "$samples"/*.json corpus/manifest/
for target in draft journal receipt redact reply s3_url settings srt vtt; do
    mkdir -p "corpus/$target"
    cp "seeds/$target"/* "corpus/$target/"
done
mkdir -p corpus/listing
for file in seeds/listing/*; do
    # The first byte says how the list is named: not at all, with a bucket, with a prefix, as a table.
    for way in 004 001 002 003; do
        { printf "\\$way"; cat "$file"; } > "corpus/listing/$way-$(basename "$file")"
    done
done
