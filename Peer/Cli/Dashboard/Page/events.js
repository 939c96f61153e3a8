// The event log, newest first, and its filters.
import { byId, make, setText } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

const pageSize = 60;
const tellersMax = 4;
let shown = pageSize;

const names = { greeted: "connected", founded: "begins", regrouped: "members change", "view-changed": "view changed",
  "exchange-changed": "exchange changed", admitted: "rejoined", doubtful: "suspicious", cut: "journal cut", removed: "removed", suspected: "silent" };

const isOfKind = (event, kind) => {
  if (kind === "all")
    return true;
  if (kind === "warnings")
    return event.severity === "Warning" || event.severity === "Serious";
  return kind === "ring" ? event.what !== "evaluation" && event.what !== "checkpoint" : event.what === kind;
};

const matching = () => {
  const kind = byId("filter-kind").value;
  const peer = byId("filter-peer").value;
  const text = byId("filter-text").value.trim().toLowerCase();
  return store.events.filter((event) => (store.selected === null || event.step <= store.selected)
    && isOfKind(event, kind)
    && (!peer || event.peer === peer || event.tellers.includes(peer))
    && (!text || `${event.text} ${event.what}`.toLowerCase().includes(text))).reverse();
};

/** The peers that reported it, in the roster's order. */
const tellers = (event) => {
  const told = store.run.peers.filter((id) => event.tellers.includes(id));
  return told.length > tellersMax ? `${told[0]} and ${told.length - 1} others` : told.join(", ");
};

const row = (event) => make("li", { "data-what": event.what, "data-number": event.number },
  make("span", { class: "number event-step" }, format.count(event.step)),
  make("time", { class: "quiet number", datetime: event.time }, format.time(event.time)),
  make("span", { class: `badge ${event.severity.toLowerCase()}` }, names[event.what] ?? event.what),
  make("div", { class: "event-text" },
    make("p", {}, event.text, make("span", { class: "quiet number" },
      typeof event.seconds === "number" ? ` · ${format.seconds(event.seconds)}` : "", ` · ${tellers(event)}`)),
    store.run.advice[event.what] ? make("p", { class: "quiet advice" }, store.run.advice[event.what]) : null));

let before = "";

export const updateEvents = () => {
  const choice = byId("filter-peer");
  if (choice.options.length !== store.run.peers.length + 1)
    choice.append(...store.run.peers.slice(choice.options.length - 1).map((id) => make("option", { value: id }, id)));
  const found = matching();
  const now = JSON.stringify([shown, found.slice(0, shown)]);
  if (now === before)
    return;
  before = now;
  byId("events").replaceChildren(...(found.length ? found.slice(0, shown).map(row)
    : [make("li", { class: "quiet" }, "No matching events.")]));
  byId("more").hidden = found.length <= shown;
  const gone = store.run.eventsForgotten;
  setText(byId("events-count"), `${format.count(found.length)} of ${format.count(store.events.length)}`
    + (gone ? `; ${format.count(gone)} earlier ones only in metrics.jsonl` : ""));
};

export const makeEvents = () => {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("input", () => {
    shown = pageSize;
    updateEvents();
  });
  byId("more").addEventListener("click", () => {
    shown += 4 * pageSize;
    updateEvents();
  });
};
