// The last hour as a drawing: callers waiting as an area, agents talking and ready as lines.

import { language, text } from "./ui.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const HEIGHT = 240;
const EDGE = { left: 36, right: 12, top: 34, bottom: 26 };
const HOUR = 3_600_000;
/** A longer pause between two samples is a gap. */
const GAP = 45_000;
const CURVES = ["waiting", "talking", "ready"];

export function drawPlot(place, samples) {
  const last = samples.at(-1);
  const key = `${language()} ${last?.at} ${samples.length}`;
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const end = last?.at ?? Date.now();
  const most = Math.max(4, ...samples.flatMap((sample) => CURVES.map((name) => sample[name])));
  const step = Math.max(1, Math.ceil(most / 4));
  const top = step * 4;
  const x = (at) => EDGE.left + (WIDTH - EDGE.left - EDGE.right) * (1 - (end - at) / HOUR);
  const y = (value) => HEIGHT - EDGE.bottom - (HEIGHT - EDGE.top - EDGE.bottom) * (value / top);

  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": text("plotLabel", last ?? { waiting: "—", talking: "—", ready: "—" }) });
  for (let value = 0; value <= top; value += step) {
    svg.append(make("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) }));
    svg.append(make("text", { class: "tick", x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, value));
  }
  for (let minutes = 60; minutes >= 0; minutes -= 15) {
    const words = minutes === 0 ? text("now") : text("minutesAgo", { n: minutes });
    svg.append(make("text", { class: "tick", x: x(end - minutes * 60_000), y: HEIGHT - 6, "text-anchor": minutes === 0 ? "end" : minutes === 60 ? "start" : "middle" }, words));
  }
  for (const run of runs(samples)) {
    const points = (name) => run.map((sample) => `${x(sample.at).toFixed(1)},${y(sample[name]).toFixed(1)}`).join(" ");
    const ends = [x(run[0].at), x(run.at(-1).at)].map((at) => at.toFixed(1));
    svg.append(make("polygon", { class: "area waiting", points: `${ends[0]},${y(0)} ${points("waiting")} ${ends[1]},${y(0)}` }));
    for (const name of CURVES) svg.append(make("polyline", { class: `curve ${name}`, points: points(name) }));
  }
  let at = EDGE.left;
  for (const name of CURVES) {
    const words = `${text(name)} ${last?.[name] ?? "—"}`;
    svg.append(make("line", { class: `curve ${name}`, x1: at, x2: at + 18, y1: 12, y2: 12 }), make("text", { class: "legend", x: at + 24, y: 16 }, words));
    at += 150;
  }
  place.replaceChildren(svg);
}

function runs(samples) {
  const found = [];
  for (const sample of samples) {
    const run = found.at(-1);
    if (run && sample.at - run.at(-1).at <= GAP) run.push(sample);
    else found.push([sample]);
  }
  return found;
}

function make(name, attributes, content = null) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (content !== null) made.textContent = String(content);
  return made;
}
