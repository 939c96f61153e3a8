// The key figures, and the run's status.
import { byId, make, setText } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

const names = ["Step", "Training loss", "Test accuracy", "Agreement", "Sent per step", "Step time"];
const cells = [];

export const makeFigures = () => {
  for (const name of names) {
    const value = make("p", { class: "figure-value" }, "–");
    const detail = make("p", { class: "quiet" }, "\u00a0");
    const cell = make("div", { class: "card figure", "data-figure": name }, make("h2", { class: "quiet" }, name), value, detail);
    cells.push({ value, detail });
    byId("figures").append(cell);
  }
  const bar = make("progress", { max: 1, value: 0, "aria-label": "Steps done" });
  cells[0].bar = bar;
  cells[0].detail.before(bar);
};

const average = (peers, field) => {
  const values = peers.map((p) => p[field]).filter((v) => typeof v === "number");
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
};

/** The time that the steps to come take at the pace of the last ones. */
const left = (run) => {
  const { fields, peerFields, peers, rows } = run;
  const recent = rows.slice(-20);
  const times = recent.map((row) => {
    const own = peers.map((_, p) => fields.length + p * peerFields.length)
      .filter((at) => row[at] !== null && row[at + 1] !== null).map((at) => row[at] + row[at + 1]);
    return own.length ? Math.min(...own) : null;
  }).filter((t) => t !== null);
  return times.length === 0 ? null : ((run.steps - run.state.step) * times.reduce((a, b) => a + b, 0)) / times.length;
};

const stepDetail = (run, state) => {
  if (!run.steps)
    return "no last step";
  const of = `of ${format.count(run.steps)}`;
  if (!state.isLatest)
    return `${of}, the latest is ${format.count(run.state.step)}`;
  const rest = state.status === "running" ? left(run) : null;
  return rest ? `${of}, about ${format.duration(rest)} left` : of;
};

export const updateFigures = () => {
  const { run, state } = store;
  const evaluation = run.evaluations.filter((e) => e.step <= state.step).at(-1);
  const compute = average(state.peers, "compute");
  const exchange = average(state.peers, "exchange");
  const sent = average(state.peers, "bytes");
  const full = state.fp32Bits && run.parameters ? (state.fp32Bits * run.parameters) / 8 : null;
  const values = [
    [format.count(state.step), stepDetail(run, state)],
    [format.fixed(3)(state.loss), `rate ${format.significant(state.learningRate)}`],
    [evaluation ? format.percent(evaluation.accuracy) : "–",
      evaluation ? `loss ${format.fixed(3)(evaluation.loss)}, step ${format.count(evaluation.step)}` : "not measured yet"],
    [format.percent(state.agreement), `flips ${format.percent(state.flips, 2)}`],
    [format.bytes(sent), full && sent ? `an fp32 ring: ${format.bytes(full)}` : "\u00a0"],
    [compute === null ? "–" : format.seconds(compute + exchange),
      exchange === null ? "\u00a0" : `exchange ${format.seconds(exchange)}`],
  ];
  values.forEach(([value, detail], i) => {
    setText(cells[i].value, value);
    setText(cells[i].detail, detail);
  });
  cells[0].bar.value = run.steps ? Math.min(1, state.step / run.steps) : 0;
};

const looks = { running: "good", finished: "good", left: "info", paused: "serious", failed: "serious", waiting: "warning",
  starting: "info" };

export const updateStatus = () => {
  const { run } = store;
  const { status } = run.state;
  const isQuiet = status === "running" && run.quietSeconds > 60;
  const text = run.progress < 1 ? `reading ${Math.floor(run.progress * 100)} %`
    : isQuiet ? `no news for ${format.duration(run.quietSeconds)}` : status;
  setText(byId("status"), text);
  byId("status").className = `pill ${run.progress < 1 ? "info" : isQuiet ? "warning" : looks[status] ?? "info"}`;
  byId("status").dataset.status = status;
  setText(byId("title"), run.title);
  setText(byId("subtitle"), run.subtitle ?? `${run.peers.length} peers`
    + (run.parameters ? `, ${format.count(run.parameters)} parameters` : ""));
  setText(byId("folder"), `from the metrics in ${run.folder}`);
  document.title = `${run.title} · step ${run.state.step}`;
};
