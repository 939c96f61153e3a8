#!/bin/bash
# What try.sh does inside the container, as a service of its systemd.
set -Eeuo pipefail
trap 'journalctl --no-pager --lines 40 --unit "peer@*"' ERR
value() { systemctl show --property "$2" --value "peer@$1"; }
wait_for() {
    local what=$1 began=$SECONDS
    shift
    until "$@"; do
        [ $((SECONDS - began)) -lt 180 ] || { echo "FAILED: no $what within 180 s"; journalctl --no-pager --lines 40 --unit 'peer@*'; exit 1; }
        sleep 0.5
    done
    echo "$what: $(value "${peer:-a}" StatusText)"
}
is() { [ "$(value "$1" "$2")" = "$3" ]; }
steps() { [[ $(value "$1" StatusText) = "step "*" 2 voters"* ]]; }

systemctl start peer@a peer@b
echo "both are ready: $(systemctl is-active peer@a peer@b | paste -sd' ')"
peer=b
wait_for "b makes steps with a" steps b

first=$(value b MainPID)
kill -KILL "$first"
wait_for "b, killed, was started again" is b NRestarts 1
wait_for "b is up again" is b ActiveState active
wait_for "b makes steps with a again" steps b
[ "$(value b MainPID)" != "$first" ]

kill -STOP "$(value b MainPID)"
wait_for "b, hanging, was ended by the watchdog and started again" is b NRestarts 2
wait_for "b makes steps with a again" steps b
journalctl --no-pager --unit peer@b | grep -i -m 1 "watchdog timeout"

systemctl start peer@unknown && exit 1
echo "an id that peers.json lacks: exit code $(value unknown ExecMainStatus), $(value unknown NRestarts) restarts, $(value unknown Result)"
is unknown ExecMainStatus 2 && is unknown NRestarts 0

systemctl stop peer@a peer@b
for id in a b; do
    echo "$id, stopped: $(value $id Result), exit code $(value $id ExecMainStatus), $(journalctl --no-pager --output cat --unit peer@$id | grep "left at" | tail -n 1)"
    is $id ExecMainStatus 0 && is $id Result success
done
[ "$(journalctl --no-pager --output cat --unit 'peer@*' | grep -o "left at step [0-9]*, digest [0-9a-f]*" | sort -u | wc -l)" -eq 1 ]
systemd-analyze security --no-pager peer@a | tail -n 1
echo "all is well"
