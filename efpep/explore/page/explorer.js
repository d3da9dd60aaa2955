"use strict";
// The page: asks for what is chosen, a server or the stored grid, and shows it.

const data = window.EXPLORER;
const at = (id) => document.getElementById(id);
const say = (id, text) => { at(id).textContent = text; };
const keyOf = (fields) => [fields.method, fields.kappa, fields.delta, fields.agents, fields.factor].join("|");

// Answers of the server that the page came from.
const server = {
  async ask(what, fields, signal) {
    const response = await fetch(`${what}?${new URLSearchParams(fields)}`, { signal });
    const found = await response.json();
    if (!response.ok) throw new Error(found.error);
    return found;
  },
  certificate: (fields) => `certificate?${new URLSearchParams(fields)}`,
};

// Answers that were stored when the page was written; null where there is none.
const stored = {
  async ask(what, fields) {
    if (what !== "landscape") return data.grid[keyOf(fields)]?.[what] ?? null;
    const line = (key) => keyOf({ ...fields, factor: "" }) === `${key.split("|").slice(0, 4).join("|")}|`;
    return { points: Object.entries(data.grid).filter(([key]) => line(key)).map(([, found]) => found.point) };
  },
  certificate: (fields) => data.grid[keyOf(fields)]?.certificate ?? null,
  // The setting of the grid that is nearest on the sliders' scales, of the same method.
  nearest(fields) {
    const scale = (kappa, delta, agents, factor) => [Math.log(kappa), 4 * delta, Math.log(agents), 4 * factor];
    const here = scale(fields.kappa, fields.delta, fields.agents, fields.factor);
    const away = (key) => scale(...key.split("|").slice(1)).reduce((sum, value, k) => sum + (value - here[k]) ** 2, 0);
    const keys = Object.keys(data.grid).filter((key) => key.startsWith(`${fields.method}|`));
    const [method, kappa, delta, agents, factor] = keys.reduce((best, key) => (away(key) < away(best) ? key : best)).split("|");
    return { method, kappa: Number(kappa), delta: Number(delta), agents: Number(agents), factor: Number(factor) };
  },
};

const source = data.live ? server : stored;
let asked = new AbortController();

const controls = new Controls(data, () => update());

// The closed forms at what is chosen, in floating point.
function closedForms() {
  const { claim } = controls.method;
  const constants = constantsOf(controls.chosen);
  const optimal = formulaValue(claim.step_size, constants);
  const limit = formulaValue(claim.limit, constants);
  return { claim, constants, optimal, limit, rate: rateAt(claim, constants, controls.chosen.factor * optimal) };
}

function showClosedForms(known) {
  say("closed-form", known.rate === null ? "none: the method need not converge" : known.rate.toPrecision(15));
  say("formula", controls.method.formula);
  say("step-size", (controls.chosen.factor * known.optimal).toPrecision(10));
  say("optimal", known.optimal.toPrecision(10));
  say("limit", known.limit.toPrecision(10));
}

// Shows a certified rate, or that what is shown is the closed form alone.
function showRate(found, fields) {
  const verdict = found?.verdict ?? "closed";
  const badges = { proved: "certified", refuted: "no contraction, proved", undecided: "undecided", closed: "closed form, not certified" };
  at("standing").className = `badge ${{ proved: "certified", refuted: "refuted", closed: "closed" }[verdict] ?? ""}`;
  say("standing", badges[verdict]);
  say("finding", found === null ? "this setting is not in the stored grid" : found.own_rate?.said ?? found.finding);
  at("interval").hidden = verdict !== "proved";
  at("uncertified").hidden = found !== null || closedForms().rate === null;
  say("approximate", closedForms().rate?.toPrecision(12) ?? "");
  say("lower", found?.rate.lower ?? "");
  say("upper", found?.rate.upper ?? "");
  say("lyapunov", found === null ? "stored at certified settings alone" : found.lyapunov ?? "none");
  say("command", found?.command ?? `efpep rate ${fields.method} --kappa ${fields.kappa} --L 1 --delta ${fields.delta} --agents ${fields.agents}` +
    ` --step-size ${closedForms().optimal * controls.chosen.factor}`);
  const file = found === null || verdict === "undecided" ? null : source.certificate(fields);
  at("has-certificate").hidden = file === null;
  at("no-certificate").hidden = file !== null;
  if (file !== null) at("certificate").href = file;
  at("nearest").hidden = found !== null;
  at("answer").setAttribute("aria-busy", "false");
}

function showLandscape(known, points) {
  const most = data.ranges.factor[1];
  const end = known.limit / known.optimal;
  const last = Math.min(most, end);
  const factors = Array.from({ length: 201 }, (_, k) => (k === 200 ? last * (1 - 1e-12) : (last * (k + 0.5)) / 200));
  const closer = end > 1 ? [...factors, 1].sort((a, b) => a - b) : factors;
  const curve = closer.map((factor) => [factor, rateAt(known.claim, known.constants, factor * known.optimal)]);
  const shown = curve.filter(([, rate]) => rate !== null);
  drawLandscape(at("landscape"), { curve: shown, points, chosen: { factor: controls.chosen.factor, rate: known.rate }, most, end });
}

function showRun(run) {
  const drawn = run !== null && run.why === undefined;
  at("run").style.display = drawn ? "" : "none";
  at("run-key").hidden = !drawn;
  if (drawn) drawRun(at("run"), run);
  if (run === null) say("run-said", "Runs are stored at certified settings alone.");
  else if (!drawn) say("run-said", run.why);
  else say("run-said", `Problem ${run.problem}, compressor ${run.compressor}. Every step keeps the certified factor ` +
    `${run.proved.toPrecision(9)}; the run's own is ${run.observed?.toPrecision(6) ?? "not measured"} a step.`);
}

// Brings the page up to date: closed forms at once, answers as they come; older questions are given up.
async function update() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const fault = controls.fault();
  say("message", fault);
  document.body.dataset.state = fault ? "fault" : "asking";
  if (fault) return;
  const fields = controls.fields();
  const known = closedForms();
  showClosedForms(known);
  at("answer").setAttribute("aria-busy", "true");
  const wait = (time) => new Promise((go) => { setTimeout(go, data.live ? time : 0); });
  try {
    await wait(40);
    if (signal.aborted) return;
    showRate(await source.ask("rate", fields, signal), fields);
    showLandscape(known, []);
    controls.keepAddress();
    document.body.dataset.state = "rate";
    await wait(120);
    if (signal.aborted) return;
    showRun(await source.ask("run", fields, signal));
    showLandscape(known, (await source.ask("landscape", fields, signal)).points);
    document.body.dataset.state = "done";
  } catch (error) {
    if (signal.aborted) return;
    say("message", error.message);
    document.body.dataset.state = "fault";
  }
}

at("nearest").addEventListener("click", () => controls.set(stored.nearest(controls.fields())));
say("version", data.version);
say("mode", data.live
  ? "Certified values are computed and proved by the server on this machine."
  : "Certified values are those of a stored grid, with a certificate each; between its points the page shows closed forms.");
update();
