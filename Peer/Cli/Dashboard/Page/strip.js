// A line for each peer: in which steps its ballot is. Below it the slider over the steps.
import { byId, draw, make, setText } from "./dom.js";
import { count, percent } from "./format.js";
import { column, listen, peerColumn, placeOf, point, select, store } from "./store.js";

const levels = 8;
const legend = [["votes", "ballot"], ["abstains", "no ballot"], ["away", "not a member"]];

let lines = [];
let marker = null;

/** Steps with neighbours alike, drawn as one piece: kinds of ballots and their shares, in eighths. */
const runs = (id) => {
  const counts = column("count");
  const abstained = peerColumn(id, "abstained");
  const away = peerColumn(id, "away");
  const first = column("first");
  const last = column("last");
  const found = [];
  counts.forEach((total, i) => {
    const share = (part) => (part ? Math.max(1, Math.round((part / total) * levels)) : 0);
    const none = share(abstained[i]);
    const out = Math.min(levels - none, share(away[i]));
    const open = found[found.length - 1];
    if (open && open.none === none && open.out === out && open.to === first[i] - 1)
      open.to = last[i];
    else
      found.push({ from: first[i], to: last[i], none, out });
  });
  return found;
};

const drawLine = (svg, id, low, span) => {
  const pieces = [];
  for (const { from, to, none, out } of runs(id)) {
    const x = ((from - low) / span) * 1000;
    const width = ((to - from + 1) / span) * 1000 + 0.05;
    let y = 0;
    for (const [kind, size] of [["away", out], ["abstains", none], ["votes", levels - none - out]]) {
      if (size > 0)
        pieces.push(draw("rect", { class: `fill-${kind}`, x: x.toFixed(2), width: width.toFixed(2), y, height: size }));
      y += size;
    }
  }
  svg.replaceChildren(...pieces);
};

const share = (id) => {
  const sum = (values) => values.reduce((a, b) => a + (b ?? 0), 0);
  const total = sum(column("count"));
  return total === 0 ? null : 1 - (sum(peerColumn(id, "abstained")) + sum(peerColumn(id, "away"))) / total;
};

const placeAt = (event) => {
  const box = lines[0].svg.getBoundingClientRect();
  const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  return Math.round(low() + part * (high() - low()));
};

const low = () => store.run.rows[0]?.[0] ?? 1;
const high = () => store.run.rows.at(-1)?.[1] ?? 1;

const rebuild = () => {
  lines = store.run.peers.map((id) => ({
    id,
    svg: draw("svg", { class: "strip-line", viewBox: `0 0 1000 ${levels}`, preserveAspectRatio: "none" }),
    share: make("span", { class: "quiet number" }),
  }));
  marker = make("div", { class: "strip-marker", hidden: true });
  byId("strip").replaceChildren(...lines.flatMap((line) =>
    [make("span", { class: "strip-name", title: line.id }, line.id), line.svg, line.share]), marker);
  byId("strip").classList.toggle("dense", lines.length > 12);
};

export const makeStrip = () => {
  byId("strip-legend").append(...legend.map(([kind, name]) =>
    make("li", {}, make("i", { class: `swatch back-${kind}` }), name)));
  const strip = byId("strip");
  strip.addEventListener("pointermove", (event) => lines.length && point(placeOf(placeAt(event))));
  strip.addEventListener("pointerleave", () => point(null));
  strip.addEventListener("click", (event) => lines.length && select(placeAt(event)));
  const slider = byId("slider");
  slider.addEventListener("input", () => select(Number(slider.value)));
  byId("now").addEventListener("click", () => select(null));
  const step = byId("step");
  step.addEventListener("change", () => {
    const wanted = Number(step.value.replace(/\D/g, ""));
    if (wanted > 0)
      select(wanted);
    updateSlider();
  });
  new ResizeObserver(markStrip).observe(strip);
  listen((what) => what === "hover" && markStrip());
};

export const updateStrip = () => {
  if (lines.map((l) => l.id).join() !== store.run.peers.join())
    rebuild();
  const span = high() - low() + 1;
  for (const line of lines) {
    drawLine(line.svg, line.id, low(), span);
    setText(line.share, percent(share(line.id)));
  }
};

export const updateSlider = () => {
  const slider = byId("slider");
  const isLatest = store.selected === null;
  const latest = store.run.state.step;
  slider.min = String(Math.min(low(), Math.max(1, latest)));
  slider.max = String(Math.max(1, latest));
  slider.value = String(store.selected ?? latest);
  slider.disabled = latest === 0;
  slider.setAttribute("aria-valuetext", `step ${store.selected ?? latest}`);
  if (document.activeElement !== byId("step"))
    byId("step").value = count(store.selected ?? latest);
  byId("now").setAttribute("aria-pressed", String(isLatest));
  markStrip();
};

const markStrip = () => {
  if (!marker || !lines.length || !store.run.rows.length)
    return;
  const step = store.hover !== null ? store.run.rows[store.hover]?.[1] : store.selected;
  marker.hidden = step === null || step === undefined;
  if (marker.hidden)
    return;
  const box = lines[0].svg.getBoundingClientRect();
  const outer = byId("strip").getBoundingClientRect();
  const part = (step - low()) / Math.max(1, high() - low());
  marker.style.left = `${box.left - outer.left + part * box.width}px`;
};
