#!/usr/bin/env bash
# Sets up, builds, and runs all tests. Arguments go to 'dotnet test', for example:
#   ./test.sh --filter FullyQualifiedName~Checkpoints
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./setup.sh --tests

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test.sh: building"
if ! dotnet build DecentralizedLion.sln -c Release --nologo -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
    cat "$log"
    echo "test.sh: the build failed"
    exit 1
fi

# One project at a time: some tests train, and share the cores with nobody.
result=0
dotnet test DecentralizedLion.sln -c Release --no-build --nologo -m:1 -v quiet --logger "console;verbosity=minimal" "$@" </dev/null 2>&1 |
    tee "$log" || result=1

# Each project ends with a line such as: Passed!  - Failed:     0, Passed:    55, Skipped:     0, Total: …
awk '
    match($0, /Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/) {
        split(substr($0, RSTART, RLENGTH), part, /[^0-9]+/)
        failed += part[2]; passed += part[3]; skipped += part[4]; projects++
    }
    END { printf "%d test projects: %d passed, %d failed, %d skipped\n", projects, passed, failed, skipped }' "$log"
exit $result
