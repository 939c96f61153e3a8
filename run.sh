#!/usr/bin/env bash
# Builds, and trains the demo: four peers on this computer. Arguments go to 'peer demo':
#   ./run.sh --plain
#   ./run.sh --peers examples/cifar10.json --data /data/cifar10
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./setup.sh
# The SDK asks for ICU unless it is told to do without.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

program=Peer/Cli/bin/Release/net10.0/peer.dll
if [ ! -f "$program" ]; then
    packages=${NUGET_PACKAGES:-${HOME:-}/.nuget/packages}
    if compgen -G "$packages/libtorch-c*" >/dev/null; then
        echo "run.sh: building; the first time takes a minute or two"
    else
        echo "run.sh: fetching packages to $packages (about 170 MB, nearly all of it libtorch; once a user), then building"
    fi
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! dotnet build Peer/Cli -c Release --nologo -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "run.sh: the build failed" >&2
    exit 1
fi
rm -f "$log"

# exec: Ctrl-C and the exit code are the program's.
exec dotnet "$program" demo "$@"
