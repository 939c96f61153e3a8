// The table of peers.
import { byId, make, setText } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

const columns = [
  ["peer", "Peer"], ["state", "State"], ["step", "Step"], ["time", "Step time"], ["compute", "Compute"],
  ["exchange", "Exchange"], ["bytes", "Sent"], ["digest", "Digest"],
];

const bar = (peer, longest) => {
  const total = (peer.compute ?? 0) + (peer.exchange ?? 0);
  const width = (value) => `${(100 * (value ?? 0)) / (longest || 1)}%`;
  const compute = make("i", { class: "bar-compute" });
  const exchange = make("i", { class: "bar-exchange" });
  compute.style.width = width(peer.compute);
  exchange.style.width = width(peer.exchange);
  return make("div", { class: "bar", title: format.seconds(total) }, compute, exchange);
};

const row = (peer, longest) => make("tr", { "data-peer": peer.id },
  make("th", { scope: "row" }, peer.id),
  make("td", {}, make("span", { class: `state state-${peer.kind}` }, peer.state),
    peer.text ? make("span", { class: "quiet detail", title: peer.text }, peer.text) : null),
  make("td", { class: "right" }, format.count(peer.step)),
  make("td", { class: "bar-cell" }, bar(peer, longest)),
  make("td", { class: "right" }, format.seconds(peer.compute)),
  make("td", { class: "right" }, format.seconds(peer.exchange)),
  make("td", { class: "right" }, format.bytes(peer.bytes)),
  make("td", { class: "mono" }, make("span", { class: peer.isSameDigest === false ? "state state-Trouble" : "" },
    format.digest(peer.digest)), peer.isSameDigest === false ? " differs" : ""));

export const updatePeers = () => {
  const { state } = store;
  const longest = state.peers.reduce((most, p) => Math.max(most, (p.compute ?? 0) + (p.exchange ?? 0)), 0);
  byId("peers").replaceChildren(
    make("thead", {}, make("tr", {}, ...columns.map(([name, text]) =>
      make("th", { scope: "col", class: ["step", "compute", "exchange", "bytes"].includes(name) ? "right" : null }, text)))),
    make("tbody", {}, ...state.peers.map((peer) => row(peer, longest))));
  const known = state.peers.filter((p) => typeof p.isSameDigest === "boolean");
  const differ = known.filter((p) => !p.isSameDigest);
  setText(byId("digest-note"), differ.length ? `digests differ: ${differ.map((p) => p.id).join(", ")}`
    : known.length > 1 ? `${known.length} peers have the ring's digest` : "");
};
