"use strict";
// Charts as SVG, with a text alternative.

const FRAME = { left: 84, right: 624, top: 12, bottom: 290 };

function svgElement(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Round numbers between two ends, about as many as wanted.
function ticksBetween(low, high, wanted) {
  const rough = (high - low) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * unit).find((size) => size >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return { values: found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

// Draws axes and returns what places points in them. Values of a logarithmic axis are exponents of ten.
function drawAxes(svg, axes) {
  const { left, right, top, bottom } = FRAME;
  const x = (value) => left + ((value - axes.x[0]) / (axes.x[1] - axes.x[0])) * (right - left);
  const y = (value) => bottom - ((value - axes.y[0]) / (axes.y[1] - axes.y[0])) * (bottom - top);
  svg.replaceChildren(svgElement("title", {}, axes.title), svgElement("desc", {}, axes.said));
  svg.setAttribute("aria-label", `${axes.title}. ${axes.said}`);
  const across = ticksBetween(...axes.x, 8);
  for (const value of across.values) {
    svg.append(svgElement("line", { class: "grid", x1: x(value), x2: x(value), y1: top, y2: bottom }));
    svg.append(svgElement("text", { x: x(value), y: bottom + 18, "text-anchor": "middle" }, value.toFixed(across.digits)));
  }
  const up = ticksBetween(...axes.y, 6);
  for (const value of up.values) {
    const text = axes.log ? (Number.isInteger(value) ? `1e${value}` : "") : value.toFixed(up.digits);
    svg.append(svgElement("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }));
    svg.append(svgElement("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, text));
  }
  svg.append(svgElement("rect", { class: "frame", x: left, y: top, width: right - left, height: bottom - top }));
  svg.append(svgElement("text", { x: (left + right) / 2, y: bottom + 42, "text-anchor": "middle" }, axes.across));
  return { x, y };
}

function drawLine(svg, place, points, kind) {
  const inside = points.map(([a, b]) => `${place.x(a).toFixed(2)},${place.y(b).toFixed(2)}`);
  svg.append(svgElement("polyline", { class: kind, points: inside.join(" ") }));
}

// The rate against the step size: the closed form, certified points, and the chosen one.
function drawLandscape(svg, landscape) {
  const { curve, points, chosen, most, end } = landscape;
  const rates = [...curve.map(([, rate]) => rate), ...points.filter((p) => p.upper !== null).map((p) => p.upper)];
  const least = Math.min(...rates);
  const low = Math.max(0, 1 - (1 - least) * 1.12);
  const certified = points.filter((point) => point.verdict === "proved").length;
  const place = drawAxes(svg, {
    x: [0, most],
    y: [low, 1],
    across: "step size / optimal step size",
    title: "Rate against step size",
    said: `The closed form is least at the optimal step size, ${least.toPrecision(6)}, and ends at ${end.toPrecision(4)} times it; ` +
      `${certified} certified points are shown.`,
  });
  if (end < most) {
    const from = place.x(end);
    svg.append(svgElement("rect", { class: "beyond", x: from, y: FRAME.top, width: FRAME.right - from, height: FRAME.bottom - FRAME.top }));
  }
  drawLine(svg, place, curve, "closed");
  svg.append(svgElement("line", { class: "chosen", x1: place.x(chosen.factor), x2: place.x(chosen.factor), y1: FRAME.top, y2: FRAME.bottom }));
  for (const point of points) {
    if (point.verdict === "undecided") continue;
    const kind = point.verdict === "proved" ? "certified" : "refuted";
    const level = kind === "certified" ? point.upper : 1;
    svg.append(svgElement("circle", { class: kind, cx: place.x(point.factor), cy: place.y(level), r: 5 }));
  }
  if (chosen.rate !== null) svg.append(svgElement("circle", { class: "chosen", cx: place.x(chosen.factor), cy: place.y(chosen.rate), r: 8 }));
}

// V along a run beside its bound, with a logarithmic vertical axis.
function drawRun(svg, run) {
  const tens = (values) => values.map((value, k) => [k, Math.log10(value)]).filter(([, level]) => level > -14);
  const bound = tens(run.bound);
  const energies = tens(run.energies);
  const levels = [...bound, ...energies].map(([, level]) => level);
  const place = drawAxes(svg, {
    x: [0, Math.max(1, run.bound.length - 1)],
    y: [Math.min(-1, Math.floor(Math.min(...levels))), Math.max(0, Math.ceil(Math.max(...levels) - 1e-9)) || 0.5],
    log: true,
    across: "iteration k",
    title: "V along a run beside its certified bound",
    said: `After ${run.bound.length - 1} iterations V is ${run.energies.at(-1).toPrecision(3)} of its first value, and the bound ` +
      `${run.bound.at(-1).toPrecision(3)}.`,
  });
  drawLine(svg, place, bound, "bound");
  drawLine(svg, place, energies, "run");
}
