#!/usr/bin/env bash
# Tries train.sbatch: a Slurm cluster of four nodes on this computer, each with a network and a host name of its own; a job that is
# requeued, preempted and warned of its time limit, and trains to its end. Needs root and Debian's slurm-wlm, munge and iproute2; all
# that it makes is in namespaces and a temporary folder that go away with it.
#   deploy/slurm/try.sh PROGRAM        PROGRAM: the published peer, or a file that starts it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ "${1:-}" != --inside ]; then
    program=$(realpath "${1:?deploy/slurm/try.sh: which program? give the path of the published peer}")
    for tool in slurmctld slurmd sbatch munged unshare ip python3; do
        command -v "$tool" >/dev/null || { echo "try.sh: $tool is missing; needed: apt-get install slurm-wlm munge iproute2 python3" >&2; exit 2; }
    done
    [ "$(id -u)" -eq 0 ] || { echo "try.sh: this user is not root, and namespaces are needed" >&2; exit 2; }
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    unshare --mount --net --uts --pid --fork --kill-child --mount-proc "$0" --inside "$folder" "$program"
    exit
fi

folder=$2 program=$3
export SLURM_CONF=$folder/slurm.conf
wait_for() { # WHAT COMMAND...
    local what=$1 began=$SECONDS
    shift
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - began)) -lt 300 ] || { echo "try.sh: no $what within 300 s" >&2; scontrol show job >&2; sinfo --Node --long >&2; tail -n 20 "$folder"/*.log "$folder"/work/*.log >&2; exit 1; }
        sleep 0.5
    done
    echo "$what"
}

# Four networks with a bridge between them, and names for all.
hostname control
ip link set lo up
ip link add bridge type bridge
ip addr add 10.77.0.100/24 dev bridge
ip link set bridge up
mount -t tmpfs none /run
echo "127.0.0.1 localhost" >"$folder/hosts"
echo "10.77.0.100 control" >>"$folder/hosts"
for n in 1 2 3 4; do
    ip netns add "n$n"
    ip link add "to-n$n" type veth peer name eth0 netns "n$n"
    ip link set "to-n$n" master bridge up
    ip -n "n$n" addr add "10.77.0.$n/24" dev eth0
    ip -n "n$n" link set eth0 up
    ip -n "n$n" link set lo up
    echo "10.77.0.$n n$n" >>"$folder/hosts"
done
mount --bind "$folder/hosts" /etc/hosts

# The cluster. Requeued jobs may start again as soon as the old credential has expired.
cat >"$SLURM_CONF" <<EOF
ClusterName=try
SlurmctldHost=control
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=60
NodeName=n[1-4] CPUs=1 State=UNKNOWN
PartitionName=low Nodes=n[1-4] Default=YES PriorityTier=1 GraceTime=60 MaxTime=INFINITE
PartitionName=high Nodes=n[1-4] PriorityTier=10 PreemptMode=OFF MaxTime=INFINITE
EOF
mkdir "$folder/state" "$folder/work"
chmod 0755 "$folder"
head -c 1024 /dev/urandom >"$folder/munge.key"
chmod 0400 "$folder/munge.key"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
    --log-file="$folder/munge.log" --seed-file="$folder/munge.seed"
slurmctld
for n in 1 2 3 4; do
    nsenter --net="/run/netns/n$n" unshare --uts sh -c "hostname n$n && exec slurmd" || { cat "$folder"/slurmd*.log; exit 1; }
done
idle() { [ "$(sinfo --noheader --partition=low --states=idle --format=%D)" = 4 ]; }
wait_for "four idle nodes" idle

# The job: small, so that its end comes soon.
cd "$folder/work"
cat >run.json <<'EOF'
{
  "run": "try", "steps": 1500, "batch": 8, "learningRate": 0.001, "checkpointEvery": 200, "evaluateEvery": 0,
  "model": { "kind": "mlp", "width": 32, "depth": 1 }, "data": { "kind": "glyphs", "trainCount": 2000, "testCount": 200 }
}
EOF
job=$(PEER=$program PEER_OPTIONS="--threads 1" sbatch --parsable "$here/train.sbatch")
run=try
step() { grep '"kind":"step"' "runs/$run/p0/metrics.jsonl" | tail -n 1 | grep -o '"step":[0-9]*' | cut -d: -f2; }
past() { [ "$(step)" -gt "$1" ]; }
restarts() { scontrol show job "$job" | grep -q "Restarts=$1 "; }
ended() { scontrol show job "$job" | grep -q "JobState=$1 "; }

wait_for "job $job is past step 200" past 200
scontrol requeue "$job"
wait_for "requeued" restarts 1
at=$(step)
wait_for "started again, past step $((at + 200))" past $((at + 200))
other=$(sbatch --parsable --partition=high --nodes=4 --output=/dev/null --wrap "srun true")
wait_for "preempted by job $other" restarts 2
at=$(step)
wait_for "started again, past step $((at + 200))" past $((at + 200))
scancel --batch --signal=USR1 "$job"
wait_for "warned as before its time limit" restarts 3
wait_for "the job is over" ended COMPLETED
scontrol show job "$job" | grep -E "JobState|Restarts"
grep -E "^start|left at|finished at" ring-"$job".log

"$here/check.py" runs/try

# A job that is cancelled does not come back.
run=cancelled
sed 's/"run": "try"/"run": "cancelled"/' run.json >cancelled.json
job=$(SETTINGS=cancelled.json PEER=$program PEER_OPTIONS="--threads 1" sbatch --parsable "$here/train.sbatch")
wait_for "job $job is past step 50" past 50
scancel "$job"
wait_for "cancelled" ended CANCELLED
wait_for "four idle nodes again" idle
restarts 0
