#!/usr/bin/env bash
# links.sh RATE COUNT COMMAND...   (RATE in Mbit/s)
# Makes COUNT hosts on this machine, each with one link of that rate to a common switch, runs COMMAND with the hosts' name
# prefix as last argument, and takes everything down again. Host i is network namespace PREFIX<i>, device e0, 10.78.0.<i+1>.
# Needs root and iproute2; without either it says so and ends well.
set -euo pipefail

rate=$1 count=$2
shift 2
if [[ $(id -u) != 0 ]]; then
    echo "links: not measured, network namespaces need root (sudo)"
    exit 0
fi
for tool in ip tc; do
    if ! command -v "$tool" > /dev/null; then
        echo "links: not measured, there is no $tool (tests/setup.sh installs iproute2)"
        exit 0
    fi
done

prefix=dlb$$-
switch=${prefix}switch
down() {
    for ((host = 0; host < count; host++)); do
        ip netns del "$prefix$host" 2> /dev/null || true
    done
    ip netns del "$switch" 2> /dev/null || true
}
trap down EXIT
trap 'exit 130' INT TERM HUP

if ! ip netns add "$switch"; then
    echo "links: not measured, network namespaces cannot be made here"
    exit 0
fi
# A bucket of one millisecond (but at least some frames), so that short runs are not flattered by a full one.
burst=$((rate * 125 > 16384 ? rate * 125 : 16384))
shape() { # NAMESPACE DEVICE
    tc -n "$1" qdisc add dev "$2" root tbf rate "${rate}mbit" burst "$burst" latency 100ms
}
ip -n "$switch" link add bridge0 type bridge
ip -n "$switch" link set bridge0 up
for ((host = 0; host < count; host++)); do
    ip netns add "$prefix$host"
    ip link add e0 netns "$prefix$host" type veth peer name "port$host" netns "$switch"
    ip -n "$switch" link set "port$host" master bridge0 up
    ip -n "$prefix$host" link set lo up
    ip -n "$prefix$host" addr add "10.78.0.$((host + 1))/24" dev e0
    ip -n "$prefix$host" link set e0 up
    shape "$prefix$host" e0          # what the host sends
    shape "$switch" "port$host"      # what it receives
done
"$@" "$prefix"
