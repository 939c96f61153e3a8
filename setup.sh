#!/usr/bin/env bash
# Checks for the one thing that must be there, the .NET 10 SDK, and changes nothing. The build fetches the rest as NuGet packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if [ $# -gt 0 ]; then
    echo "setup.sh: $1: unknown; there are no options. What tests and benchmarks compare with, tests/setup.sh installs." >&2
    exit 2
fi

# --list-sdks and not --version, which fails with a text of its own where global.json asks for another one.
sdks=$(dotnet --list-sdks 2>/dev/null || true)
if ! grep -q '^10\.' <<<"$sdks"; then
    if [ -n "$sdks" ]; then
        versions=$(cut -d' ' -f1 <<<"$sdks" | paste -sd' ')
        echo "setup.sh: the .NET 10 SDK is missing; 'dotnet' has only ${versions// /, }." >&2
    elif command -v dotnet >/dev/null; then
        echo "setup.sh: the .NET 10 SDK is missing; 'dotnet' is there, but has no SDK." >&2
    else
        echo "setup.sh: the .NET 10 SDK is missing; there is no command 'dotnet' on PATH." >&2
    fi
    echo "          Get it from https://dotnet.microsoft.com/download/dotnet/10.0, then run this again." >&2
    exit 1
fi
