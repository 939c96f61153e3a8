#!/usr/bin/env bash
# Publishes the program for one platform, with the .NET runtime and libtorch, for hosts that have neither.
#   deploy/publish.sh RID FOLDER [VERSION]     RID: linux-x64, osx-arm64 or win-x64; VERSION: the project's own if not given
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
platform=${1:?deploy/publish.sh: for which platform? give linux-x64, osx-arm64 or win-x64, then a folder}
folder=${2:?deploy/publish.sh: where to? give a folder}
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

# ContinuousIntegrationBuild: the assemblies do not hold the paths of this computer, so that the same commit gives the same bytes.
dotnet publish "$here/../Peer/Cli" -c Release -r "$platform" --self-contained --nologo -v quiet -o "$folder" \
    -p:ContinuousIntegrationBuild=true ${3:+-p:Version="$3"}
