#!/usr/bin/env bash
# Plants the bugs of this folder, one at a time, in a copy of the tree, and tells what catches each: a seed of the simulation, or the
# test that the patch names. Ends with 0 when every patch applies and every bug is caught.
#   tests/Mutations/run.sh [--seeds N] [PATCH…]      PATCH: the beginning of a file's name, such as 04; without any: all
#
# Those in uncaught/ neither 10,000 seeds nor any test tell from the program: they wait for one that does.
# A patch begins with what is broken and which invariant of docs/protocol.md that violates. A line "test: FILTER" names tests for
# what no seed can show.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

seeds=4000
limit=900 # seconds for one bug
wanted=()
while [ $# -gt 0 ]; do
    case $1 in
        --seeds)
            seeds=${2:?--seeds needs a number}
            shift
            ;;
        -*)
            echo "run.sh: unknown option $1; known: --seeds N" >&2
            exit 2
            ;;
        *) wanted+=("$1") ;;
    esac
    shift
done

shopt -s nullglob
patches=()
if [ ${#wanted[@]} -eq 0 ]; then
    patches=("$here"/*.patch)
else
    for name in "${wanted[@]}"; do
        found=("$here/$name"*.patch)
        if [ ${#found[@]} -eq 0 ]; then
            echo "run.sh: there is no patch $name" >&2
            exit 2
        fi
        patches+=("${found[@]}")
    done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree/tests"
cd "$root"
parts=(build Directory.* global.json .editorconfig Codecs Topology tests/Directory.Build.props tests/Shared
    tests/Mutations/Runner tests/Topology.Tests)
tar --exclude=bin --exclude=obj -cf - "${parts[@]}" | tar -xf - -C "$tree"
cd "$tree"
log=$work/log
runner=tests/Mutations/Runner

# Planted bugs leave things unused.
build() { dotnet build "$1" -c Release --nologo -v quiet -clp:NoSummary -p:TreatWarningsAsErrors=false >"$log" 2>&1 </dev/null; }
# A folder that is no repository, and is not to be taken for a part of one above it.
plant() { GIT_CEILING_DIRECTORIES=$work git apply -C1 --whitespace=nowarn "$@" >"$log" 2>&1; }
named() { sed -n '/^---/q; s/^test: //p' "$1"; }
run_tests() { timeout "$limit" dotnet test tests/Topology.Tests -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" --filter "$1" >"$log" 2>&1 </dev/null; }

sound=$work/sound
if ! build "$runner"; then
    cat "$log"
    echo "run.sh: the build failed" >&2
    exit 1
fi
cp -r "$runner/bin/Release/net10.0" "$sound"
# Says what catches the bug that is planted; fails when nothing does.
judge() {
    local filter seed
    filter=$(named "$1")
    if [ -n "$filter" ]; then
        build tests/Topology.Tests || { echo "NOT BUILT"; return 1; }
        if run_tests "$filter"; then
            echo "NOT CAUGHT by the tests '$filter'"
            return 1
        fi
        echo "caught by the test $(sed -n 's/^ *Failed \([^ ]*\).*/\1/p' "$log" | head -n 1)"
        return
    fi
    build "$runner" || { echo "NOT BUILT"; return 1; }
    local result=0
    timeout "$limit" dotnet "$runner/bin/Release/net10.0/DecentralizedLion.Mutations.Runner.dll" 1 "$seeds" >"$log" 2>&1 || result=$?
    if [ $result -ne 1 ]; then
        echo "NOT CAUGHT: $(head -n 1 "$log")"
        return 1
    fi
    seed=$(sed -n '1s/^seed \([0-9]*\):.*/\1/p' "$log")
    local first
    first=$(head -n 1 "$log")
    if ! dotnet "$sound/DecentralizedLion.Mutations.Runner.dll" "$seed" "$seed" >"$log" 2>&1; then
        echo "NOT CAUGHT: seed $seed fails without the bug, too: $(head -n 1 "$log")"
        return 1
    fi
    echo "caught by $first"
}

# The tests that a patch names are there, and pass without it.
sound_tests() {
    [ -z "$(named "$1")" ] && return
    build tests/Topology.Tests && run_tests "$(named "$1")" && grep -q 'Passed: *[1-9]' "$log"
}

missed=0
for patch in "${patches[@]}"; do
    name=$(basename "$patch" .patch)
    start=$SECONDS
    if ! sound_tests "$patch"; then
        verdict="NOT CAUGHT: without the bug, too, the tests '$(named "$patch")' fail or are not there"
        missed=$((missed + 1))
    elif ! plant "$patch"; then
        verdict="DOES NOT APPLY: $(head -n 1 "$log")"
        missed=$((missed + 1))
    else
        verdict=$(judge "$patch") || missed=$((missed + 1))
        if [[ $verdict == NOT\ BUILT ]]; then
            grep -m 3 error "$log" || true
        fi
        plant -R "$patch"
    fi
    echo "$name: $verdict ($((SECONDS - start)) s)"
done
echo "${#patches[@]} bugs, $((${#patches[@]} - missed)) caught"
[ $missed -eq 0 ]
