#!/bin/sh
# Kills a send row by row 200 times at random moments, or as often as told, and takes it up again each time: no row of a
# thousand may be sent twice, and none may be lost. Takes some minutes.
#
#     tests/faults/rows.sh [KILLS]
set -eu
cd "$(dirname "$0")/../.."
CUECARD_KILLS="${1:-200}" exec cargo test --test it -- --nocapture submit_rows::killed
