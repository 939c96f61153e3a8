// Which charts there are, and what each of them shows.
import { Chart } from "./chart.js";
import { byId, make } from "./dom.js";
import * as format from "./format.js";
import { column, peerColumn, placeOf, point, select, store } from "./store.js";

const linesMax = 5;

const plainPercent = (value) => `${Number((value * 100).toFixed(2))} %`;

const definitions = [
  { name: "loss", title: "Loss", unit: "nats", format: format.fixed(3), tick: format.label,
    series: [{ name: "training" }, { name: "test", colour: "var(--series-2)" }],
    values: () => [ranged("loss"), { points: evaluations("loss") }] },
  { name: "accuracy", title: "Test accuracy", unit: "share of right answers", format: (v) => format.percent(v, 1),
    tick: plainPercent, bounds: [0, 1], series: [{ name: "test", colour: "var(--series-2)" }],
    values: () => [{ points: evaluations("accuracy") }] },
  { name: "agreement", title: "Agreement of the votes", unit: "share of the voters", format: (v) => format.percent(v, 1),
    tick: plainPercent, bounds: [0, 1], series: [{ name: "mean over parameters" }], values: () => [ranged("agreement")] },
  { name: "flips", title: "Flips and ties", unit: "share of the parameters", format: (v) => format.percent(v, 2),
    tick: plainPercent, bounds: [0, 1], fromZero: true,
    series: [{ name: "flips" }, { name: "ties", colour: "var(--series-3)" }],
    values: () => [ranged("flips"), { values: column("ties") }] },
  { name: "time", title: "Step time", format: format.seconds, tick: format.secondsLabel, fromZero: true, cutsPeaks: true,
    series: [{ name: "compute" }, { name: "exchange", colour: "var(--series-3)" }], hasPeers: true,
    values: (peer) => stacked(mean("compute", peer), mean("exchange", peer)) },
  { name: "gradients", title: "Compute time by peer", format: format.seconds, tick: format.secondsLabel, fromZero: true,
    cutsPeaks: true, series: [], values: () => slowest().map((id) => ({ name: id, values: peerColumn(id, "compute") })) },
  { name: "bytes", title: "Sent per step and peer", unit: "log scale", format: format.bytes, tick: format.bytesLabel, isLog: true,
    series: [{ name: "sent" }, { name: "an fp32 ring", colour: "var(--quiet)", dashed: true }], hasPeers: true,
    values: (peer) => [{ values: mean("bytes", peer) }, { values: fp32() }] },
  { name: "rate", title: "Learning rate", format: (v) => format.significant(v), tick: format.label,
    fromZero: true, series: [{ name: "rate" }], values: () => [{ values: column("learningRate") }] },
  { name: "voters", title: "Voters", unit: "peers", format: (v) => format.significant(v), tick: String, isWhole: true,
    fromZero: true, series: [{ name: "ballots" }, { name: "members", colour: "var(--quiet)", dashed: true }],
    values: () => [ranged("voters"), { values: members() }] },
];

const ranged = (name) => ({ values: column(name), min: column(`${name}Min`), max: column(`${name}Max`) });

const evaluations = (field) => store.run.evaluations.filter((e) => typeof e[field] === "number" && e.step > 0)
  .map((e) => [e.step, e[field]]);

/** One peer's column, or the mean of all that have a number. */
const mean = (name, peer) => {
  if (peer)
    return peerColumn(peer, name);
  const columns = store.run.peers.map((id) => peerColumn(id, name));
  return store.run.rows.map((_, i) => {
    const values = columns.map((c) => c[i]).filter((v) => v !== null);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  });
};

const stacked = (lower, upper) => [
  { values: lower, bottom: lower.map((v) => (v === null ? null : 0)), top: lower },
  { values: upper, bottom: lower, top: upper.map((v, i) => (v === null || lower[i] === null ? null : v + lower[i])) },
];

/** The peers that take longest to compute, where there are too many to show all. */
const slowest = () => {
  const { peers } = store.run;
  const known = peers.filter((id) => peerColumn(id, "compute").some((v) => v !== null));
  if (known.length <= linesMax)
    return known;
  const total = (id) => peerColumn(id, "compute").slice(-64).reduce((a, b) => a + (b ?? 0), 0);
  return [...known].sort((a, b) => total(b) - total(a)).slice(0, linesMax);
};

/** Mean number of members of each row's steps. */
const members = () => {
  const { peers } = store.run;
  const away = peers.map((id) => peerColumn(id, "away"));
  const counts = column("count");
  return counts.map((count, i) => peers.length - away.reduce((sum, c) => sum + (c[i] ?? 0), 0) / count);
};

/** Bytes that each member of a ring all-reduce of fp32 sends. */
const fp32 = () => members().map((n) => (n < 2 || !store.run.parameters ? null : (8 * store.run.parameters * (n - 1)) / n));

const charts = [];

const peerSelect = (definition, chart) => {
  const choice = make("select", { class: "small", "aria-label": `${definition.title}: peer` },
    make("option", { value: "" }, "mean of all"));
  choice.addEventListener("change", updateCharts);
  chart.head.append(choice);
  return choice;
};

export const makeCharts = () => {
  for (const definition of definitions) {
    const chart = new Chart(definition, point, (place) => select(store.run.rows[place][1]));
    const choice = definition.hasPeers ? peerSelect(definition, chart) : null;
    charts.push({ definition, chart, choice });
    byId("charts").append(chart.element);
  }
};

export const updateCharts = () => {
  const from = column("first");
  const to = column("last");
  for (const { definition, chart, choice } of charts) {
    if (choice && choice.options.length !== store.run.peers.length + 1)
      choice.append(...store.run.peers.slice(choice.options.length - 1).map((id) => make("option", { value: id }, id)));
    const series = definition.values(choice?.value);
    if (definition.name === "gradients")
      definition.series = series.map(({ name }) => ({ name }));
    chart.update(from, to, series);
  }
  markCharts();
};

export const markCharts = () => {
  const place = store.hover ?? (store.selected === null ? null : placeOf(store.selected));
  for (const { chart } of charts)
    chart.mark(place, store.hover !== null);
};
