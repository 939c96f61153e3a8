// What the server has told, and which step is looked at.
import { byId } from "./dom.js";

const events = new Map();
const listeners = [];

export const store = {
  run: null, // the latest snapshot, with all rows and events in it
  events: [], // by time
  selected: null, // the step that is looked at; null: the latest
  state: null, // the ring's state at that step
  hover: null, // the place of the row that is pointed at
};

/** Calls back whenever something has changed: "run", "state" or "hover". */
export const listen = (callback) => listeners.push(callback);

const tell = (what) => listeners.forEach((callback) => callback(what));

const take = (snapshot) => {
  if (!snapshot.isUpdate) {
    events.clear();
    store.run = snapshot;
  } else {
    const before = store.run;
    const rows = [...before.rows.slice(0, snapshot.rowsKept), ...snapshot.rows];
    store.run = { ...before, ...snapshot, rows };
  }
  for (const event of snapshot.events)
    events.set(event.number, event);
  store.events = [...events.values()].sort((a, b) => Date.parse(a.sortTime) - Date.parse(b.sortTime) || a.number - b.number);
  if (store.selected === null || store.selected >= snapshot.state.step) {
    store.selected = null;
    store.state = snapshot.state;
  }
  tell("run");
};

let wanted = null;
let isAsking = false;

const ask = async () => {
  if (isAsking)
    return;
  isAsking = true;
  while (wanted !== null) {
    const step = wanted;
    wanted = null;
    try {
      const answer = await fetch(`/api/state?step=${step}`);
      if (answer.ok && store.selected === step) {
        store.state = await answer.json();
        tell("state");
      }
    } catch {
      // The connection is gone, which the page says already.
    }
  }
  isAsking = false;
};

/** Looks at a step; null: the latest, from now on. */
export const select = (step) => {
  const latest = store.run?.state.step ?? 0;
  store.selected = step === null || step >= latest ? null : Math.max(1, Math.round(step));
  if (store.selected === null) {
    wanted = null;
    store.state = store.run?.state ?? null;
  } else {
    wanted = store.selected;
    ask();
  }
  tell("state");
};

/** Points at a row of the series; null: at none. */
export const point = (place) => {
  if (store.hover === place)
    return;
  store.hover = place;
  tell("hover");
};

/** The row with a step in it, or the nearest before it. */
export const placeOf = (step) => {
  const { rows } = store.run;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= step)
      low = middle + 1;
    else
      high = middle;
  }
  return low - 1;
};

/** A column of the series, by its name. */
export const column = (name) => {
  const at = store.run.fields.indexOf(name);
  return store.run.rows.map((row) => row[at]);
};

/** A column of one peer. */
export const peerColumn = (peer, name) => {
  const { fields, peerFields, peers, rows } = store.run;
  const at = fields.length + peers.indexOf(peer) * peerFields.length + peerFields.indexOf(name);
  return rows.map((row) => row[at]);
};

/** Takes snapshots from now on. */
export const connect = () => {
  const source = new EventSource("/api/events");
  const banner = byId("banner");
  let hasEnded = false;
  source.onmessage = (message) => {
    banner.hidden = true;
    take(JSON.parse(message.data));
  };
  source.addEventListener("end", () => {
    hasEnded = true;
    source.close();
    banner.textContent = "The process that served this page has ended; what is shown is its last word. "
      + `peer dashboard ${store.run?.folder ?? "DIR"} shows the run again.`;
    banner.hidden = false;
  });
  source.onerror = () => {
    if (hasEnded)
      return;
    banner.textContent = "The connection is lost; what is shown may be old. Trying again …";
    banner.hidden = false;
  };
};
