// What needs attention, and what to do about it.
import { byId, make } from "./dom.js";
import { store } from "./store.js";

const item = ({ severity, title, advice }) => make("li", { class: "notice" },
  make("span", { class: `badge ${severity.toLowerCase()}` }, severity.toLowerCase()),
  make("div", {}, make("p", {}, title), advice ? make("p", { class: "quiet" }, advice) : null));

const calm = (state) => {
  const voting = state.peers.filter((p) => p.kind === "Votes").length;
  const text = state.status === "finished" ? "The run has finished."
    : state.step === 0 ? "No step has been decided yet."
      : state.isLatest && state.status !== "running" ? `The run: ${state.status}.`
        : `${voting} of ${state.members.length} members vote, and no digest differs.`;
  return make("li", { class: "notice" }, make("span", { class: "badge good" }, "OK"),
    make("div", {}, make("p", {}, "Nothing needs attention."), make("p", { class: "quiet" }, text)));
};

export const updateAlerts = () => {
  const { state } = store;
  byId("alerts").replaceChildren(...(state.alerts.length ? state.alerts.map(item) : [calm(state)]));
};
