#!/usr/bin/env bash
# Runs the README's Slurm recipe, word for word, on a Slurm of its own on this machine and against the sandbox, and holds
# the joined parts against one run: text, JSON, SARIF and exit code.
#
#     tests/shards/slurm.sh [CUECARD]
#
# Needs slurmctld, slurmd and munge (Debian: apt-get install slurmctld slurmd munge) and root. Touches no Slurm that is set up.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
program=$(realpath "${1:-target/debug/cuecard}")
export PATH="$PATH:/usr/sbin"
for needed in slurmctld slurmd munged sbatch squeue; do
    command -v "$needed" >/dev/null || { echo "$needed is not installed: nothing was tried" >&2; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "slurmd runs as root only: nothing was tried" >&2; exit 77; }

work=$(mktemp -d)
chmod 755 "$work"
end() {
    local pids
    pids=$(cat "$work"/*.pid 2>/dev/null) || true
    for pid in $pids; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $pids; do
        tail --pid="$pid" -f /dev/null # what still writes would leave the folder behind
    done
    rm -rf "$work"
}
trap end EXIT
mkdir "$work"/{state,spool,job,bin}
ln -s "$program" "$work/bin/cuecard"

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

host=$(hostname -s)
cat >"$work/slurm.conf" <<END
ClusterName=cuecard
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.sock
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmdSpoolDir=$work/spool
StateSaveLocation=$work/state
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
head -c 1024 /dev/urandom >"$work/munge.key"
chmod 600 "$work/munge.key"
export SLURM_CONF="$work/slurm.conf"
munged --force --key-file="$work/munge.key" --socket="$work/munge.sock" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/munge.seed"
slurmctld
slurmd
for _ in $(seq 100); do
    sinfo --noheader --format %T 2>/dev/null | grep -q idle && break
    sleep 0.2
done
sinfo --noheader --format %T | grep -q idle || { cat "$work"/*.log >&2; exit 1; }

"$program" sandbox >"$work/addresses" 2>"$work/sandbox.log" &
echo $! >"$work/sandbox.pid"
for _ in $(seq 100); do
    grep -q captions "$work/addresses" && break
    sleep 0.1
done
address() { awk -v name="$1" '$1 == name { print $2 }' "$work/addresses"; }
export CUECARD_API_URL=$(address api-url) CUECARD_S3_ENDPOINT=$(address s3-endpoint) TWELVELABS_API_KEY=sandbox
export CUECARD_STATE_DIR="$work/state-of-cuecard" PATH="$work/bin:$PATH"

cd "$work/job"
cp "$root/assets/demo/manifest.json" m.json
cuecard pair m.json --from "$(address captions)" --apply >"$work/pair.log" 2>&1

recipe=$(grep -A 1 '^job=\$(sbatch ' "$root/README.md")
[ "$(wc -l <<<"$recipe")" -eq 2 ] || { echo "README.md has no Slurm recipe of two lines any more" >&2; exit 1; }
echo "$recipe"
eval "$recipe"
for _ in $(seq 600); do
    [ -z "$(squeue --noheader)" ] && break
    sleep 0.2
done
[ -z "$(squeue --noheader)" ] || { squeue >&2; cat slurm-*.out >&2; exit 1; }

for format in text json sarif; do
    merged=0 whole=0
    cuecard check m.json --format "$format" --merge part-*.json >"$work/merged" 2>"$work/said" || merged=$?
    cuecard check m.json --format "$format" --online --afresh >"$work/whole" 2>/dev/null || whole=$?
    cmp "$work/merged" "$work/whole"
    [ "$merged" -eq "$whole" ] || { echo "exit codes differ: $merged joined, $whole in one run" >&2; exit 1; }
    echo "$format: $(wc -c <"$work/whole") bytes and exit code $whole, joined and in one run"
done
head -1 "$work/said"
last=$(ls -t slurm-*.out | head -1)
grep -q '^8 parts of 8' "$last" || { echo "the job that joins said:" >&2; cat "$last" >&2; exit 1; }
rm part-3.json
missing=0
cuecard check m.json --merge part-*.json >/dev/null 2>"$work/said" || missing=$?
grep -m 1 'part 3 of 8 is missing' "$work/said" && [ "$missing" -eq 1 ]
