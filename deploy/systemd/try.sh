#!/usr/bin/env bash
# Tries peer@.service under a systemd of its own: two peers in a systemd-nspawn container; one is killed, one hangs, one has a wrong
# setting; all are stopped. Needs root and Debian's systemd-container and mmdebstrap.
#   deploy/systemd/try.sh FOLDER [ROOT.tar]     FOLDER: the published program; ROOT.tar: a Debian root with systemd (made if not given)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "${1:?deploy/systemd/try.sh: where is the published program? give its folder}")
for tool in systemd-nspawn mmdebstrap systemd-analyze; do
    command -v "$tool" >/dev/null || { echo "try.sh: $tool is missing; needed: apt-get install systemd-container mmdebstrap" >&2; exit 2; }
done
[ "$(id -u)" -eq 0 ] || { echo "try.sh: this user is not root, and systemd-nspawn needs that" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/root
mkdir "$root"
[ -n "${2:-}" ] || mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus,procps,libssl3,zlib1g,libstdc++6,libgomp1 \
    bookworm "$folder/root.tar"
tar -C "$root" -xf "${2:-$folder/root.tar}"

mkdir -p "$root/opt/decentralized-lion" "$root/etc/decentralized-lion" "$root/etc/systemd/system/peer@.service.d" "$root/try"
cp "$here/peer@.service" "$root/etc/systemd/system/"
cp "$here/try-inside.sh" "$root/try/"
# The unit as it is, but for times that a person would not wait for.
cat >"$root/etc/systemd/system/peer@.service.d/try.conf" <<'EOF'
[Service]
WatchdogSec=10
TimeoutAbortSec=2
RestartSec=1
Environment=PEER_OPTIONS="--threads 1"
EOF
cat >"$root/etc/systemd/system/try.service" <<'EOF'
[Unit]
SuccessAction=exit
FailureAction=exit
FailureActionExitStatus=1
[Service]
Type=oneshot
ExecStart=/try/try-inside.sh
StandardOutput=file:/try/output
StandardError=file:/try/output
[Install]
WantedBy=multi-user.target
EOF
ln -s /etc/systemd/system/try.service "$root/etc/systemd/system/multi-user.target.wants/try.service"
cat >"$folder/run.json" <<'EOF'
{
  "run": "pair", "steps": 1000000, "learningRate": 0.001, "evaluateEvery": 0,
  "model": { "kind": "mlp", "width": 32, "depth": 1 }, "data": { "kind": "glyphs", "trainCount": 2000, "testCount": 200 }
}
EOF
etc=$root/etc/decentralized-lion
"$program/peer" init --settings "$folder/run.json" --out "$etc/peers.json" --keys "$etc" a=127.0.0.1 b=127.0.0.1 >/dev/null
cp "$etc/a.key" "$etc/unknown.key"
chmod 0755 "$etc"

code=0
systemd-nspawn --quiet --directory="$root" --bind-ro="$program:/opt/decentralized-lion" --private-network --register=no --keep-unit \
    --boot >"$folder/console" 2>&1 </dev/null || code=$?
cat "$root/try/output" 2>/dev/null || tail -n 30 "$folder/console"
exit "$code"
