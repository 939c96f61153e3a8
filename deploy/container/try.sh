#!/usr/bin/env bash
# Tries the image: the demo of four peers in one container without a network, then two peers with keys in containers of their own that
# share a network: health check, a container that is killed and started again, SIGTERM.
#   deploy/container/try.sh [IMAGE]          PODMAN="podman --runtime runc" where crun does not do
set -euo pipefail
image=${1:-decentralized-lion}
read -ra podman <<<"${PODMAN:-podman}"
read -ra options <<<"${PODMAN_OPTIONS:-}"
command -v "${podman[0]}" >/dev/null || { echo "try.sh: podman is missing; needed: apt-get install podman" >&2; exit 2; }

folder=$(mktemp -d)
chmod 0755 "$folder"
clean() {
    "${podman[@]}" rm --force --time 0 --volumes try-pod-a try-pod-b >/dev/null 2>&1 || true
    "${podman[@]}" rm --force --time 0 --volumes try-net >/dev/null 2>&1 || true # the others were in its network
    rm -rf "$folder"
}
trap clean EXIT
run() { "${podman[@]}" run "${options[@]}" "$@"; }

echo "== the demo, without a network, on a read-only root"
cat >"$folder/demo.json" <<'EOF'
{
  "run": "demo", "steps": 60, "learningRate": 0.001, "evaluateEvery": 0, "insecure": true,
  "model": { "kind": "mlp", "width": 32, "depth": 1 }, "data": { "kind": "glyphs", "trainCount": 2000, "testCount": 200 },
  "peers": [
    { "id": "a", "address": "127.0.0.1", "port": 17100 }, { "id": "b", "address": "127.0.0.1", "port": 17110 },
    { "id": "c", "address": "127.0.0.1", "port": 17120 }, { "id": "d", "address": "127.0.0.1", "port": 17130 }
  ]
}
EOF
run --rm --network none --read-only --tmpfs /tmp --volume "$folder/demo.json:/etc/peer/peers.json:ro" "$image" \
    demo --peers /etc/peer/peers.json --plain | grep -E "digest|accuracy"

echo "== two peers with keys, each in a container"
cat >"$folder/run.json" <<'EOF'
{
  "run": "pair", "steps": 1000000, "learningRate": 0.001, "evaluateEvery": 0,
  "model": { "kind": "mlp", "width": 32, "depth": 1 }, "data": { "kind": "glyphs", "trainCount": 2000, "testCount": 200 }
}
EOF
run --rm --network none --user 0 --volume "$folder:/made" "$image" \
    init --settings /made/run.json --out /made/peers.json --keys /made a=127.0.0.1 b=127.0.0.1
"${podman[@]}" run --rm --network none --user 0 --volume "$folder:/made" --entrypoint chown "${options[@]}" "$image" \
    10001 /made/a.key /made/b.key

run --detach --name try-net --network none --entrypoint sleep "$image" infinity >/dev/null
for id in a b; do
    run --detach --name "try-pod-$id" --network container:try-net --read-only --cap-drop all \
        --volume "$folder/peers.json:/etc/peer/peers.json:ro" --volume "$folder/$id.key:/etc/peer/$id.key:ro" "$image" \
        run --peers /etc/peer/peers.json --id "$id" --plain --threads 1 --health-file /tmp/alive >/dev/null
done
wait_for() {
    local what=$1 began=$SECONDS
    shift
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - began)) -lt 120 ] || { echo "try.sh: no $what within 120 s" >&2; "${podman[@]}" logs --tail 20 try-pod-b >&2; exit 1; }
        sleep 0.5
    done
    echo "$what"
}
logged() { "${podman[@]}" logs "try-pod-$1" 2>&1 | grep -q "$2"; }
for id in a b; do
    wait_for "$id is healthy" "${podman[@]}" healthcheck run "try-pod-$id"
    wait_for "$id makes steps" logged "$id" "^step [0-9]"
done
"${podman[@]}" kill --signal KILL try-pod-b >/dev/null
wait_for "a goes on without b, which was killed" logged a "b was removed from the view"
"${podman[@]}" start try-pod-b >/dev/null
wait_for "b, started again, is back" logged a "b is a member again"
wait_for "b is healthy" "${podman[@]}" healthcheck run try-pod-b
"${podman[@]}" stop --time 60 try-pod-a try-pod-b >/dev/null
for id in a b; do
    echo "$id: exit code $("${podman[@]}" inspect --format '{{.State.ExitCode}}' "try-pod-$id"), $("${podman[@]}" logs "try-pod-$id" 2>&1 | grep "left at" | tail -n 1)"
done
ends=$(for id in a b; do "${podman[@]}" logs "try-pod-$id" 2>&1 | grep -o "left at step [0-9]*, digest [0-9a-f]*" | tail -n 1; done | sort -u | wc -l)
[ "$ends" -eq 1 ] || { echo "try.sh: the peers did not end alike" >&2; exit 1; }
