// The table of links: round trips and bytes, as both ends told.
import { byId, make, setText } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

const columns = [
  ["link", "Link"], ["trip", "Round trip"], ["forward", "→"], ["backward", "←"],
];

const rate = (value) => (typeof value === "number" ? `${format.bytes(value)}/s` : format.bytes(null));

const row = (link) => make("tr", { "data-link": `${link.a} ${link.b}` },
  make("th", { scope: "row" }, `${link.a} – ${link.b}`, link.isHeard ? null
    : make("span", { class: "state state-Trouble" }, "silent")),
  make("td", { class: "right" }, format.seconds(link.roundTrip)),
  make("td", { class: "right", title: `${link.a} to ${link.b}` }, rate(link.forward)),
  make("td", { class: "right", title: `${link.b} to ${link.a}` }, rate(link.backward)));

export const updateLinks = () => {
  const { links } = store.state;
  byId("links-card").hidden = !links?.length;
  if (!links?.length)
    return;
  byId("links").replaceChildren(
    make("thead", {}, make("tr", {}, ...columns.map(([name, text]) =>
      make("th", { scope: "col", class: name === "link" ? null : "right" }, text)))),
    make("tbody", {}, ...links.map(row)));
  const pairs = (store.state.peers.length * (store.state.peers.length - 1)) / 2;
  setText(byId("links-note"), links.length < pairs ? `${links.length} of ${pairs}, the slowest first` : "the slowest first");
};
