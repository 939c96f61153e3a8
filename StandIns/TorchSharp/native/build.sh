#!/bin/sh
# build.sh OUTPUT: compiles torch_shim.cpp against $LIBTORCH (a folder with include/ and lib/) or the system's libtorch.
set -eu
here=$(dirname "$0")
output=$1

if [ -n "${LIBTORCH:-}" ]; then
    include=$LIBTORCH/include
    includes="-isystem $include -isystem $include/torch/csrc/api/include"
    lib=$LIBTORCH/lib
    hint="LIBTORCH is '$LIBTORCH', which must be a folder with include/ATen/ATen.h and lib/libtorch_cpu.so"
else
    include=/usr/include
    includes=
    lib=/usr/lib/$(uname -m)-linux-gnu
    hint="no libtorch on this system: run ./setup.sh, or set LIBTORCH to a folder with include/ and lib/"
fi
version=$include/torch/csrc/api/include/torch/version.h
if [ ! -f "$include/ATen/ATen.h" ] || [ ! -f "$version" ] || [ ! -e "$lib/libtorch_cpu.so" ]; then
    echo "torch_shim.cpp : error TORCH001: $hint"
    exit 1
fi
if ! command -v g++ > /dev/null; then
    echo "torch_shim.cpp : error TORCH002: no g++ on this system: run ./setup.sh"
    exit 1
fi

# The defines moved from version.h in later releases.
numbers=$(cat "$version" "$include/torch/headeronly/version.h" 2> /dev/null || true)
major=$(printf '%s\n' "$numbers" | awk '$2 == "TORCH_VERSION_MAJOR" { print $3; exit }')
minor=$(printf '%s\n' "$numbers" | awk '$2 == "TORCH_VERSION_MINOR" { print $3; exit }')
standard=c++17
if [ "${major:-1}" -gt 2 ] || { [ "${major:-1}" -eq 2 ] && [ "${minor:-0}" -ge 10 ]; }; then standard=c++20; fi

# Wheels before 2.6 were built with the old std::string.
abi=0
if grep -q __cxx11 "$lib/libc10.so"; then abi=1; fi

cuda=
if [ -e "$lib/libtorch_cuda.so" ] && [ -e "$lib/libc10_cuda.so" ]; then
    cuda="-Wl,--no-as-needed -ltorch_cuda -lc10_cuda -Wl,--as-needed"
fi
rpath=
if [ -n "${LIBTORCH:-}" ]; then rpath="-Wl,-rpath,$(cd "$lib" && pwd)"; fi

mkdir -p "$(dirname "$output")"
partial=$output.$$
trap 'rm -f "$partial"' EXIT
# shellcheck disable=SC2086  # the lists of linker options are meant to split
g++ -std=$standard -O1 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Wno-psabi -D_GLIBCXX_USE_CXX11_ABI=$abi \
    $includes "$here/torch_shim.cpp" -o "$partial" \
    -L"$lib" $rpath -Wl,-z,defs $cuda -ltorch_cpu -lc10 -ldl
mv "$partial" "$output"
