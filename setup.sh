#!/usr/bin/env bash
# Installs what the build and the program need from the system; does nothing when all is there.
#   ./setup.sh           for run.sh
#   ./setup.sh --tests   and what the tests compare with
#   ./setup.sh --benchmarks   and what the benchmarks compare with
set -euo pipefail

packages=(g++ libtorch-dev libopenblas0-pthread libzmq5)
for argument in "$@"; do
    case "$argument" in
        --tests) packages+=(python3-msgpack python3-zmq) ;;
        --benchmarks) packages+=(python3-torch iproute2) ;;
        *) echo "setup.sh: $argument: unknown; allowed are --tests and --benchmarks" >&2; exit 2 ;;
    esac
done

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    echo "setup.sh: the .NET 10 SDK is missing. Get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    echo "          (the command 'dotnet' must be on PATH), then run this again." >&2
    exit 1
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Without apt it can only look: a compiler, ZeroMQ, and a libtorch of the system or at LIBTORCH.
    lacking=()
    command -v g++ >/dev/null || lacking+=(g++)
    ldconfig -p 2>/dev/null | grep -q 'libzmq\.so\.5' || lacking+=(libzmq5)
    [ -n "${LIBTORCH:-}" ] || ldconfig -p 2>/dev/null | grep -q 'libtorch_cpu\.so' || lacking+=("libtorch (or LIBTORCH=its folder)")
    [ ${#lacking[@]} -gt 0 ] || exit 0
    echo "setup.sh: this system has no apt; please install: ${lacking[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: missing: ${missing[*]}; installing them needs root, and there is no sudo" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "setup.sh: installing ${missing[*]}"
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Package lists may be absent or old; fetch them only when the first try fails.
if ! install; then
    echo "setup.sh: fetching package lists"
    if ! { "${as_root[@]}" apt-get update -qq </dev/null >"$log" 2>&1 && install; }; then
        cat "$log" >&2
        echo "setup.sh: could not install ${missing[*]}" >&2
        exit 1
    fi
fi
