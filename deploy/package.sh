#!/usr/bin/env bash
# Makes from the last commit what a release has: for each platform an archive of the program, its .NET runtime and libtorch, and a bill
# of materials (CycloneDX); the NuGet package of the library; SHA256SUMS. It goes to artifacts/; two runs give the same bytes.
#   deploy/package.sh [RID...]     linux-x64, osx-arm64, win-x64: all of them if none is given
# The version is the commit's tag (v1.2.3). Without one it is a pre-release of the next version, by the number of commits since.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
known=(linux-x64 osx-arm64 win-x64)

platforms=("$@")
[ $# -gt 0 ] || platforms=("${known[@]}")
for platform in "${platforms[@]}"; do
    [[ " ${known[*]} " == *" $platform "* ]] ||
        { echo "package.sh: $platform: no such platform; allowed are ${known[*]}" >&2; exit 2; }
done
for tool in dotnet git jq zip sha512sum; do
    command -v "$tool" >/dev/null ||
        { echo "package.sh: $tool is missing; needed: the .NET 10 SDK; apt-get install git jq zip" >&2; exit 2; }
done
tar --version | grep -q GNU || { echo "package.sh: tar is not GNU tar, which sorts an archive by name" >&2; exit 2; }
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 TZ=UTC LC_ALL=C

# A work tree of the commit alone: nothing that was built or changed here gets in.
artifacts=$root/artifacts
source=$artifacts/source
clean() { git -C "$root" worktree remove --force "$source" 2>/dev/null || true; rm -rf "$source" "$artifacts/stage"; }
trap clean EXIT
clean
git -C "$root" worktree prune
git -C "$root" worktree add --quiet --detach "$source" HEAD
[ -z "$(git -C "$root" status --porcelain)" ] || echo "package.sh: note: changes that are not committed are not in the archives"
cd "$source"
committed=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH=$committed # dotnet pack goes by it
packages=$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//; s:/$::')

dotnet tool restore >/dev/null
number=$(dotnet msbuild Peer -getProperty:Version)
version=$(dotnet minver --tag-prefix v --minimum-major-minor "${number%.*}" --verbosity error)
echo "package.sh: version $version, commit $(git rev-parse HEAD)"

# The files of one platform's libtorch and no other's.
check() {
    local platform=$1 folder=$2 expected found
    case $platform in
        linux-*) expected="libLibTorchSharp.so libtorch_cpu.so" ;;
        osx-*) expected="libLibTorchSharp.dylib libtorch_cpu.dylib" ;;
        win-*) expected="LibTorchSharp.dll torch_cpu.dll" ;;
    esac
    found=$(find "$folder" -regextype posix-extended -iregex '.*/(lib)?(torch_cpu|libtorchsharp)\.(so|dylib|dll)' -printf '%f\n' |
        sort | paste -sd' ')
    [ "$found" = "$expected" ] || { echo "package.sh: $platform: found $found; expected $expected" >&2; exit 1; }
}

# The texts that the packages' licences want with every copy, by package.
licences() {
    local destination=$1 file
    jq -r '(.libraries[] | select(.type == "package") | .path as $path | .files[] | "\($path)/\(.)"),
        (.project.frameworks[].downloadDependencies[]? | select(.name | test("\\.Runtime\\.")) |
            (.name | ascii_downcase) + "/" + (.version | gsub("[][ ]"; "") | split(",")[0]) + ("/LICENSE.TXT", "/THIRD-PARTY-NOTICES.TXT"))
        | select(test("^[^/]+/[^/]+/[^/]*(licen[sc]e|notices?|copying)[^/]*$"; "i"))' Peer/Cli/obj/project.assets.json |
        while read -r file; do
            [ -f "$packages/$file" ] || continue
            install -D -m 0644 "$packages/$file" "$destination/$file"
        done
    mkdir -p "$destination"
    jq -r '.libraries[] | select(.type == "package") | .path' Peer/Cli/obj/project.assets.json | sort | while read -r file; do
        [ -d "$destination/$file" ] || without_text "$destination" "$file"
    done >"$destination/others.txt"
}

# A package that has no text: what it says of its licence and where it comes from, and for NetMQ the texts of the LGPL and the GPL.
without_text() {
    local destination=$1 package=$2 specification licence
    specification=$(echo "$packages/$package"/*.nuspec)
    field() { tr -d '\n' <"$specification" | grep -oP "<$1\b[^>]*>\K[^<]*" | head -1 || true; }
    licence=$(field license)
    [ -n "$licence" ] || licence=$(field licenseUrl)
    echo "$(field id) $(field version): licence ${licence:-not stated}; $(field projectUrl)"
    [ "${package%%/*}" = netmq ] || return 0
    for text in LGPL-3 GPL-3; do
        [ -f "/usr/share/common-licenses/$text" ] ||
            { echo "package.sh: /usr/share/common-licenses/$text is missing; needed: apt-get install base-files" >&2; exit 2; }
        install -D -m 0644 "/usr/share/common-licenses/$text" "$destination/$package/$text"
    done
}

# The packages of the archive with licences and checksums, and the runtime, which comes as packages, too.
materials() {
    local destination=$1
    dotnet tool run dotnet-CycloneDX Peer/Cli/Peer.Cli.csproj --output-format Json --exclude-dev --disable-package-restore \
        --include-project-references --no-serial-number --set-name decentralizedlion --set-version "$version" \
        --output "$artifacts/stage" --filename materials.json >"$artifacts/stage/log" || { cat "$artifacts/stage/log" >&2; exit 1; }
    runtime | jq --slurpfile made "$artifacts/stage/materials.json" --slurp --arg time "$(date -d "@$committed" +%FT%TZ)" \
        '. as $runtime | $made[0] | .metadata.timestamp = $time | .components = (.components + $runtime | sort_by(.name, .version))' \
        >"$destination"
}

runtime() {
    local name version hash
    jq -r '.project.frameworks[].downloadDependencies[]? | select(.name | test("\\.Runtime\\.")) |
        "\(.name) \(.version | gsub("[][ ]"; "") | split(",")[0])"' Peer/Cli/obj/project.assets.json | while read -r name version; do
        hash=$(sha512sum "$packages/${name,,}/$version/${name,,}.$version.nupkg" | cut -d' ' -f1)
        jq -n --arg name "$name" --arg version "$version" --arg hash "$hash" '{ type: "framework", "bom-ref": "pkg:nuget/\($name)@\($version)",
            name: $name, version: $version, hashes: [{ alg: "SHA-512", content: $hash }], licenses: [{ license: { id: "MIT" } }],
            purl: "pkg:nuget/\($name)@\($version)" }'
    done
}

for platform in "${platforms[@]}"; do
    name=decentralizedlion-$version-$platform
    stage=$artifacts/stage/$name
    rm -rf "$artifacts/stage" "$artifacts/$name".*
    deploy/publish.sh "$platform" "$stage" "$version"
    check "$platform" "$stage"
    cp LICENSE peers.json "$stage/" # the settings of peer demo
    licences "$stage/licences"
    materials "$artifacts/$name.cdx.json"
    # One time, one mode: those that the packages' files have come from whoever unpacked them.
    find "$stage" -type f -exec chmod 0644 {} + -exec touch -d "@$committed" {} +
    find "$stage" -type d -exec chmod 0755 {} + -exec touch -d "@$committed" {} +
    for program in peer createdump; do
        [ ! -f "$stage/$program" ] || chmod 0755 "$stage/$program"
    done
    case $platform in
        win-*) (cd "$artifacts/stage" && find "$name" -type f | sort | zip -X -q -@ "$artifacts/$name.zip") ;;
        *)
            tar -C "$artifacts/stage" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
                gzip -n >"$artifacts/$name.tar.gz"
            ;;
    esac
    echo "package.sh: $(cd "$artifacts" && du -h --apparent-size "$name".[tz]* | paste -sd' '), $(du -sh --apparent-size "$stage" | cut -f1) unpacked"
    rm -rf "$artifacts/stage"
done

dotnet pack Peer -c Release --nologo -v quiet -o "$artifacts" -p:Version="$version" -p:ContinuousIntegrationBuild=true
(cd "$artifacts" && sha256sum -- *"$version"*.* >SHA256SUMS && cat SHA256SUMS)
