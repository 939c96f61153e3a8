#!/usr/bin/env bash
# Sets up, builds, and trains the demo: four peers on this computer. Arguments go to 'peer demo':
#   ./run.sh --plain
#   ./run.sh --peers examples/cifar10.json --data /data/cifar10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./setup.sh

program=Peer/bin/Release/net10.0/peer.dll
[ -f "$program" ] || echo "run.sh: the first build takes a minute or two"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! dotnet build Peer -c Release --nologo -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "run.sh: the build failed" >&2
    exit 1
fi
rm -f "$log"

# exec: Ctrl-C and the exit code are the program's.
exec dotnet "$program" demo "$@"
