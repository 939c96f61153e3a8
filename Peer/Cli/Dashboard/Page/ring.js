// The ring: the members in the view's order, with lines between them, and those that are away in between.
import { byId, draw, setText } from "./dom.js";
import { store } from "./store.js";

const width = 430;
const height = 320;
const middle = { x: width / 2, y: height / 2 };
const namesMax = 24;

const marks = {
  Votes: "M-6 .5 L-2 5 L6.5 -5",
  Abstains: "M-6 0 H6",
  Away: "M-5 -5 L5 5 M5 -5 L-5 5",
  Busy: "M-6 0 H-5.9 M0 0 H.1 M6 0 H6.1",
  Trouble: "M0 -7 V1.5 M0 6.5 V6.6",
  Ended: "M-4.5 -4.5 H4.5 V4.5 H-4.5 Z",
};

const layout = (count) => {
  const radius = count > namesMax ? 8 : count > 12 ? 13 : 18;
  return count > namesMax ? { radius, x: 150, y: 145 } : { radius, x: 118, y: 108 };
};

const placeOf = (index, count, { x, y }) => {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
  return { x: middle.x + x * Math.cos(angle), y: middle.y + y * Math.sin(angle), angle };
};

/** The ids in the view's order, from the roster's first member on; each that is away follows the one before it in the roster. */
const inOrder = (ids, members) => {
  const first = members.indexOf(ids.find((id) => members.includes(id)));
  const order = first < 0 ? [] : [...members.slice(first), ...members.slice(0, first)];
  ids.forEach((id, i) => {
    if (!order.includes(id))
      order.splice(i === 0 ? 0 : order.indexOf(ids[i - 1]) + 1, 0, id);
  });
  return order;
};

/** An arrow from one node to the next, from edge to edge. */
const arrow = (from, to, radius) => {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const gap = radius + 6;
  if (length < 2 * gap)
    return null;
  const at = (point, by) => `${(point.x + (dx / length) * by).toFixed(1)} ${(point.y + (dy / length) * by).toFixed(1)}`;
  return draw("path", { class: "hop", d: `M${at(from, gap)} L${at(to, -gap)}`, "marker-end": "url(#arrow)" });
};

const label = (place, radius, peer) => {
  const below = Math.sin(place.angle) > 0.3;
  const above = Math.sin(place.angle) < -0.3;
  const side = Math.cos(place.angle);
  const isMiddle = below || above;
  const x = isMiddle ? place.x : place.x + Math.sign(side) * (radius + 10);
  const anchor = isMiddle ? "middle" : side > 0 ? "start" : "end";
  const y = below ? place.y + radius + 17 : above ? place.y - radius - 22 : place.y - 3;
  const short = peer.id.length > 14 ? `${peer.id.slice(0, 13)}…` : peer.id;
  return [
    draw("text", { class: "node-name", x, y, "text-anchor": anchor }, short),
    draw("text", { class: `node-state text-${peer.kind}`, x, y: y + 15, "text-anchor": anchor }, peer.state),
  ];
};

const node = (peer, place, radius, hasName) => {
  const scale = radius / 18;
  return draw("g", { class: `node node-${peer.kind}`, "data-peer": peer.id, "data-state": peer.state },
    draw("title", {}, `${peer.id}: ${peer.state}${peer.text ? `, ${peer.text}` : ""}`),
    draw("circle", { cx: place.x, cy: place.y, r: radius }),
    draw("path", { class: "mark", d: marks[peer.kind], transform: `translate(${place.x} ${place.y}) scale(${scale})` }),
    ...(hasName ? label(place, radius, peer) : []));
};

export const updateRing = () => {
  const { state } = store;
  const { peers } = state;
  const shape = layout(peers.length);
  const order = inOrder(peers.map((peer) => peer.id), state.members);
  const places = new Map(order.map((id, i) => [id, placeOf(i, peers.length, shape)]));
  const hops = state.members.length < 2 ? [] : state.members.map((id, i) =>
    arrow(places.get(id) ?? middle, places.get(state.members[(i + 1) % state.members.length]) ?? middle, shape.radius));
  const members = state.members.length;
  const lines = state.view === undefined ? ["no view yet"]
    : [`view ${state.view}`, `${state.voters} of ${members} vote`, `quorum ${state.quorum}`];
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Ring: ${peers.map((p) => `${p.id} ${p.state}`).join(", ")}` },
    draw("defs", {}, draw("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
      orient: "auto-start-reverse" }, draw("path", { class: "arrow", d: "M0 .8 L7 4 L0 7.2" }))),
    ...hops,
    ...peers.map((peer) => node(peer, places.get(peer.id), shape.radius, peers.length <= namesMax)),
    ...lines.map((line, i) => draw("text", { class: i === 0 ? "centre-view" : "centre", x: middle.x,
      y: middle.y - 14 + i * 19, "text-anchor": "middle" }, line)));
  byId("ring").replaceChildren(svg);
  setText(byId("ring-note"), state.step ? `after step ${state.step}` : "");
};
