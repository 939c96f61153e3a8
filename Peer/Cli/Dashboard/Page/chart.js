// A chart of some series over the steps, as SVG. Its numbers stand in its head, so nothing moves when a person points at it.
import { draw, make, setText } from "./dom.js";
import { count } from "./format.js";
import { linearTicks, logTicks, niceBounds, wholeTicks } from "./ticks.js";

const height = 178;
const margin = { top: 8, right: 10, bottom: 24, left: 60 };

const pixelsPerPoint = 2.5;

const grouped = (values, group, join) => {
  const joined = [];
  for (let i = 0; i < values.length; i += group)
    joined.push(join(values.slice(i, i + group).filter((v) => v !== null && v !== undefined)));
  return joined;
};

const mean = (values) => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length);
const least = (values) => (values.length === 0 ? null : Math.min(...values));
const greatest = (values) => (values.length === 0 ? null : Math.max(...values));

const quantile = (values, part) => {
  const sorted = values.filter((v) => v !== null && v !== undefined).sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
};

export class Chart {
  /**
   * @param {object} options title, format (of values), tick (of the axis' labels), series [{ name, colour, kind, dashed }],
   *   isLog, isWhole, fromZero, cutsPeaks, bounds
   * @param {(place: number|null) => void} onPoint a row is pointed at
   * @param {(place: number) => void} onPick a row is chosen
   */
  constructor(options, onPoint, onPick) {
    this.options = options;
    this.note = make("span", { class: "quiet" });
    this.legend = make("ul", { class: "legend" });
    this.svg = draw("svg", { class: "plot", height, role: "img", "aria-label": options.title });
    this.head = make("div", { class: "card-head" }, make("h2", {}, options.title), this.note);
    this.element = make("section", { class: "card chart", "data-chart": options.name }, this.head, this.legend, this.svg);
    this.width = 0;
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width === this.width)
        return;
      this.width = width;
      this.render();
    }).observe(this.svg.parentElement);
    const placeAt = (event) => this.placeAt(event.clientX - this.svg.getBoundingClientRect().left);
    this.svg.addEventListener("pointermove", (event) => onPoint(placeAt(event)));
    this.svg.addEventListener("pointerleave", () => onPoint(null));
    this.svg.addEventListener("click", (event) => {
      const place = placeAt(event);
      if (place !== null)
        onPick(place);
    });
  }

  /** Shows series over rows; from and to are the steps of each row, series [{ values, min, max, points }]. */
  update(from, to, series) {
    Object.assign(this, { from, to, series });
    this.render();
  }

  /** Several rows as one, where there are more than the eye can tell apart: their means, and how far they reach. */
  thin() {
    const group = Math.max(1, Math.ceil(this.from.length / ((this.width - margin.left - margin.right) / pixelsPerPoint)));
    this.middles = grouped(this.from.map((_, i) => this.middle(i)), group, mean);
    this.drawn = this.series.map((series) => ({
      ...series,
      ...Object.fromEntries(["values", "top", "bottom"].filter((k) => series[k]).map((k) => [k, grouped(series[k], group, mean)])),
      ...(series.values && !series.top ? {
        min: grouped(series.min ?? series.values, group, least),
        max: grouped(series.max ?? series.values, group, greatest),
      } : {}),
    }));
  }

  /** Marks a row: its values are those in the head. */
  mark(place, isPointed) {
    this.place = place;
    this.isPointed = isPointed;
    this.showMark();
  }

  placeAt(x) {
    if (!this.from?.length || !this.x)
      return null;
    const step = this.x.invert(x);
    let best = 0;
    for (let i = 1; i < this.from.length; i++)
      if (this.middle(i) - step <= 0 || Math.abs(this.middle(i) - step) < Math.abs(this.middle(best) - step))
        best = i;
    return best;
  }

  middle(place) {
    return (this.from[place] + this.to[place]) / 2;
  }

  render() {
    if (!this.width || !this.series)
      return;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.thin();
    this.scale();
    const plot = draw("g");
    this.drawAxes(plot);
    const clip = `clip-${this.options.name}`;
    const inside = draw("g", { "clip-path": `url(#${clip})` });
    plot.append(draw("clipPath", { id: clip }, draw("rect", {
      x: margin.left, y: margin.top - 2, width: Math.max(0, this.width - margin.left - margin.right),
      height: height - margin.top - margin.bottom + 4,
    })), inside);
    this.drawn.forEach((series, i) => this.drawSeries(inside, series, this.options.series[i] ?? series, i));
    this.marker = draw("line", { class: "marker", y1: margin.top, y2: height - margin.bottom });
    plot.append(this.marker);
    this.svg.replaceChildren(plot);
    this.showMark();
  }

  scale() {
    const { isLog, fromZero, cutsPeaks, bounds } = this.options;
    const first = this.from.length ? this.from[0] : 0;
    const last = this.to.length ? this.to[this.to.length - 1] : 1;
    const [left, right] = [margin.left, this.width - margin.right];
    const span = Math.max(1, last - first);
    this.x = (step) => left + ((step - first) / span) * (right - left);
    this.x.invert = (at) => first + ((at - left) / (right - left)) * span;
    this.domain = [first, Math.max(last, first + 1)];
    const numbers = this.drawn.flatMap((s) => [...(s.min ?? []), ...(s.max ?? []), ...(s.top ?? s.values ?? []),
      ...(s.points ?? []).map((p) => p[1])]).filter((v) => v !== null && v !== undefined && (!isLog || v > 0));
    let low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
    let high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
    this.isCut = false;
    if (cutsPeaks && numbers.length > 20) {
      const usual = quantile(numbers, 0.97) * 1.5;
      this.isCut = usual > 0 && usual < high;
      high = this.isCut ? usual : high;
    }
    if (!Number.isFinite(low))
      [low, high] = isLog ? [1, 10] : [0, 1];
    if (fromZero)
      low = Math.min(0, low);
    if (isLog)
      [low, high] = [low / 1.5, high * 1.5];
    else
      [low, high] = niceBounds(low, high, 4);
    if (bounds)
      [low, high] = [Math.max(bounds[0], low), Math.min(bounds[1], high)];
    this.range = [low, high];
    const place = isLog ? (v) => Math.log(v / low) / Math.log(high / low) : (v) => (v - low) / (high - low || 1);
    this.y = (value) => height - margin.bottom - place(value) * (height - margin.top - margin.bottom);
    setText(this.note, [this.options.unit, this.isCut ? "peaks cut off" : ""].filter(Boolean).join(", "));
  }

  drawAxes(plot) {
    const [low, high] = this.range;
    const ticks = this.options.isLog ? logTicks(low, high)
      : this.options.isWhole ? wholeTicks(low, high, 4) : linearTicks(low, high, 4);
    for (const tick of ticks) {
      const y = Math.round(this.y(tick)) + 0.5;
      plot.append(draw("line", { class: "grid", x1: margin.left, x2: this.width - margin.right, y1: y, y2: y }));
      plot.append(draw("text", { class: "tick", x: margin.left - 8, y: y + 4, "text-anchor": "end" }, this.options.tick(tick)));
    }
    const about = Math.max(2, Math.floor((this.width - margin.left) / 90));
    const steps = wholeTicks(this.domain[0], this.domain[1], about);
    for (const tick of steps) {
      const x = this.x(tick);
      const anchor = x > this.width - 30 ? "end" : "middle";
      plot.append(draw("text", { class: "tick", x: anchor === "end" ? this.width - margin.right : x, y: height - 7,
        "text-anchor": anchor }, count(tick)));
    }
  }

  drawSeries(plot, series, look, index) {
    const colour = look.colour ?? `var(--series-${(index % 5) + 1})`;
    if (series.min && series.max)
      plot.append(draw("path", { class: "band", d: this.area(series.min, series.max), fill: colour }));
    if (series.top)
      plot.append(draw("path", { class: "area", d: this.area(series.bottom, series.top), fill: colour }));
    const line = series.top ?? series.values;
    if (line)
      plot.append(draw("path", { class: "line", d: this.path(line), stroke: colour,
        "stroke-dasharray": look.dashed ? "5 4" : null }));
    if (series.points?.length) {
      plot.append(draw("path", { class: "line", stroke: colour,
        d: series.points.map(([x, y], i) => `${i ? "L" : "M"}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`).join("") }));
      for (const [x, y] of series.points.length > 60 ? [] : series.points)
        plot.append(draw("circle", { class: "dot", cx: this.x(x), cy: this.y(y), r: 3, fill: colour }));
    }
  }

  path(values) {
    let isOpen = false;
    return values.map((value, i) => {
      if (value === null || value === undefined || (this.options.isLog && value <= 0)) {
        isOpen = false;
        return "";
      }
      const at = `${isOpen ? "L" : "M"}${this.x(this.middles[i]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      isOpen = true;
      return at;
    }).join("");
  }

  area(bottom, top) {
    const parts = [];
    let run = [];
    const close = () => {
      if (run.length > 1)
        parts.push(`M${run.map((i) => `${this.x(this.middles[i]).toFixed(1)} ${this.y(top[i]).toFixed(1)}`).join("L")}L`
          + `${run.reverse().map((i) => `${this.x(this.middles[i]).toFixed(1)} ${this.y(bottom[i]).toFixed(1)}`).join("L")}Z`);
      run = [];
    };
    top.forEach((value, i) => {
      if (value === null || value === undefined || bottom[i] === null || bottom[i] === undefined)
        close();
      else
        run.push(i);
    });
    close();
    return parts.join("");
  }

  showMark() {
    if (!this.series || !this.x)
      return;
    const place = this.place ?? this.from.length - 1;
    const isThere = place >= 0 && place < this.from.length;
    this.marker?.toggleAttribute("hidden", !isThere);
    this.marker?.classList.toggle("pointed", Boolean(this.isPointed));
    if (isThere && this.marker) {
      const x = this.x(this.middle(place));
      this.marker.setAttribute("x1", x);
      this.marker.setAttribute("x2", x);
    }
    this.showLegend(isThere ? place : null);
  }

  showLegend(place) {
    const items = this.series.map((series, i) => {
      const look = this.options.series[i] ?? series;
      const value = place === null ? null : series.points ? this.pointAt(series.points, place) : series.values?.[place];
      return { name: look.name, colour: look.colour ?? `var(--series-${(i % 5) + 1})`, text: this.options.format(value),
        dashed: look.dashed };
    });
    if (this.legend.children.length !== items.length)
      this.legend.replaceChildren(...items.map(() => make("li", {}, draw("svg", { class: "key", viewBox: "0 0 14 8" },
        draw("line", { x1: 0, x2: 14, y1: 4, y2: 4 })), make("span", { class: "name" }), make("b", { class: "number" }))));
    items.forEach((item, i) => {
      const [key, name, value] = this.legend.children[i].children;
      key.firstChild.setAttribute("stroke", item.colour);
      key.firstChild.setAttribute("stroke-dasharray", item.dashed ? "4 3" : "none");
      setText(name, item.name);
      setText(value, item.text);
    });
  }

  /** The latest point up to a row. */
  pointAt(points, place) {
    const until = this.to[place];
    let value = null;
    for (const [x, y] of points)
      if (x <= until)
        value = y;
    return value;
  }
}
