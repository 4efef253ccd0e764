// The last hour as a drawing: callers waiting as an area, agents talking and ready as lines.

import { element, language, text } from "./ui.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
/** In sixteenths of the page's letter size, so that letters are as large as those of the page whatever the width. */
const LETTER = 16;
const HEIGHT = 260;
const EDGE = { left: 40, right: 12, top: 12, bottom: 30 };
const HOUR = 3_600_000;
/** A longer pause between two samples is a gap. */
const GAP = 45_000;
const CURVES = ["waiting", "talking", "ready"];

export function drawPlot(place, samples) {
  const last = samples.at(-1);
  const letter = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const width = Math.max(240, Math.round(place.clientWidth * LETTER / letter));
  const key = `${language()} ${last?.at} ${samples.length} ${width}`;
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const end = last?.at ?? Date.now();
  const most = Math.max(4, ...samples.flatMap((sample) => CURVES.map((name) => sample[name])));
  const step = Math.max(1, Math.ceil(most / 4));
  const top = step * 4;
  const x = (at) => EDGE.left + (width - EDGE.left - EDGE.right) * (1 - (end - at) / HOUR);
  const y = (value) => HEIGHT - EDGE.bottom - (HEIGHT - EDGE.top - EDGE.bottom) * (value / top);

  const svg = make("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": text("plotLabel", last ?? { waiting: "—", talking: "—", ready: "—" }) });
  for (let value = 0; value <= top; value += step) {
    svg.append(make("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }));
    svg.append(make("text", { class: "tick", x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, value));
  }
  // On a narrow one there is room for every second word.
  for (let minutes = 60; minutes >= 0; minutes -= width < 480 ? 30 : 15) {
    const words = minutes === 0 ? text("now") : text("minutesAgo", { n: minutes });
    svg.append(make("text", { class: "tick", x: x(end - minutes * 60_000), y: HEIGHT - 6, "text-anchor": minutes === 0 ? "end" : minutes === 60 ? "start" : "middle" }, words));
  }
  for (const run of runs(samples)) {
    const points = (name) => run.map((sample) => `${x(sample.at).toFixed(1)},${y(sample[name]).toFixed(1)}`).join(" ");
    const ends = [x(run[0].at), x(run.at(-1).at)].map((at) => at.toFixed(1));
    svg.append(make("polygon", { class: "area waiting", points: `${ends[0]},${y(0)} ${points("waiting")} ${ends[1]},${y(0)}` }));
    for (const name of CURVES) svg.append(make("polyline", { class: `curve ${name}`, points: points(name) }));
  }
  place.replaceChildren(legend(last), svg);
}

/** For the eye; the drawing's own label says the same. */
function legend(last) {
  const line = element("p", "legend");
  line.setAttribute("aria-hidden", "true");
  for (const name of CURVES) {
    const sample = make("svg", { viewBox: "0 0 28 8" });
    sample.append(make("line", { class: `curve ${name}`, x1: 2, x2: 26, y1: 4, y2: 4 }));
    const entry = element("span");
    entry.append(sample, `${text(name)} ${last?.[name] ?? "—"}`);
    line.append(entry);
  }
  return line;
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
