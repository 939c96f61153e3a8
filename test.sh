#!/usr/bin/env bash
# Sets up, builds, and runs all tests. Arguments go to 'dotnet test', for example:
#   ./test.sh --filter FullyQualifiedName~Checkpoints
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./setup.sh
tests/setup.sh
# The SDK asks for ICU unless it is told to do without.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

log=$(mktemp)
results=$(mktemp -d)
trap 'rm -rf "$log" "$results"' EXIT
echo "test.sh: building"
if ! dotnet build DecentralizedLion.sln -c Release --nologo -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
    cat "$log"
    echo "test.sh: the build failed"
    exit 1
fi

# One project at a time: some tests train, and share the cores with nobody.
result=0
dotnet test DecentralizedLion.sln -c Release --no-build --nologo -m:1 -v quiet --logger "console;verbosity=minimal" \
    --logger trx --results-directory "$results" "$@" </dev/null 2>&1 | grep -v '^Results File:' | tee "$log" || result=1

# Why tests were skipped, each reason once.
find "$results" -name '*.trx' -exec cat {} + | awk '
    /<UnitTestResult / { skipped = /outcome="NotExecuted"/ }
    skipped && match($0, /<Message>.*<\/Message>/) { tests[substr($0, RSTART + 9, RLENGTH - 19)]++; skipped = 0 }
    END { for (reason in tests) printf "skipped %d: %s\n", tests[reason], reason }'

# What failed, once more in one place: the name and the message's first line.
awk '
    sub(/^  Failed /, "") { name = $0; next }
    name != "" && message { sub(/^ +/, ""); printf "failed: %s: %s\n", name, $0; name = ""; message = 0 }
    /^  Error Message:/ { message = 1 }' "$log"

# Each project ends with a line such as: Passed!  - Failed:     0, Passed:    55, Skipped:     0, Total: …
awk '
    match($0, /Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/) {
        split(substr($0, RSTART, RLENGTH), part, /[^0-9]+/)
        failed += part[2]; passed += part[3]; skipped += part[4]; projects++
    }
    END { printf "%d test projects: %d passed, %d failed, %d skipped\n", projects, passed, failed, skipped }' "$log"
exit $result
