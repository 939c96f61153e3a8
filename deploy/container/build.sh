#!/usr/bin/env bash
# Builds the image decentralized-lion without a registry. Needs the .NET SDK, podman or buildah, and mmdebstrap.
#   deploy/container/build.sh [NAME]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=${1:-decentralized-lion}
for tool in dotnet mmdebstrap podman; do
    command -v "$tool" >/dev/null || { echo "build.sh: $tool is missing; needed: the .NET 10 SDK; apt-get install mmdebstrap podman" >&2; exit 2; }
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$here/../publish.sh" linux-x64 "$folder/app"
# shellcheck disable=SC2016 # $1 is mmdebstrap's
mmdebstrap --quiet --variant=minbase --include=libssl3,zlib1g,libstdc++6,libgomp1,ca-certificates \
    --customize-hook='chroot "$1" useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin peer' \
    --customize-hook='install -d -o 10001 -g 10001 -m 0700 "$1/data" && install -d "$1/etc/peer"' \
    bookworm "$folder/root.tar"
# HEALTHCHECK is of docker's format; the file has no RUN, so nothing is fetched.
podman build --quiet --format docker --network none --tag "$name" --file "$here/Containerfile" "$folder"
