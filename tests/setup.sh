#!/usr/bin/env bash
# Installs what tests compare with, where it can: by apt, as root or with a sudo that asks for no password. Tests that need what is
# not there are skipped and say so, which is no failure.
#   tests/setup.sh                for test.sh
#   tests/setup.sh --benchmarks   and what the benchmarks compare with
set -euo pipefail

packages=(python3 python3-msgpack python3-zmq iproute2 chromium zsh fish)
for argument in "$@"; do
    case "$argument" in
        --benchmarks) packages+=(python3-torch libopenblas0-pthread) ;; # its own BLAS is the slow reference
        *) echo "tests/setup.sh: $argument: unknown; allowed is --benchmarks" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "tests/setup.sh: there is no apt here; tests that need ${packages[*]} are skipped where those are missing"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

without() { echo "tests/setup.sh: tests that need ${missing[*]} are skipped: $1"; exit 0; }

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || without "installing those needs root"
    as_root=(sudo -n)
fi

echo "tests/setup.sh: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >"$log" 2>&1; }
install() { apt install -y --no-install-recommends "${missing[@]}"; }
# Package lists may be absent or old; fetch them only when the first try fails.
install || { apt update && install; } || without "apt says: $(grep -m 1 '^[EW]:' "$log" || tail -n 1 "$log")"
