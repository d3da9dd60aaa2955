"use strict";
// Sliders with a number field beside each, and the address that remembers what is chosen.

const STEPS = 400;
const LOGARITHMIC = { kappa: true, agents: true };
const STARTS = { kappa: 10, delta: 0.5, agents: 10, factor: 1 };
const NUMBERS = Object.keys(STARTS);

// Keeps what is chosen, and calls `changed` when the reader changes it.
class Controls {
  constructor(data, changed) {
    this.data = data;
    this.changed = changed;
    this.chosen = { method: "ef21", ...STARTS };
    for (const [key, method] of Object.entries(data.methods)) this.addMethod(key, method);
    for (const name of NUMBERS) this.connect(name);
    document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", () => this.readAddress() && this.changed());
    this.readAddress();
    this.show();
  }

  addMethod(key, method) {
    const label = document.createElement("label");
    const button = Object.assign(document.createElement("input"), { type: "radio", name: "method", value: key, id: `method-${key}` });
    button.addEventListener("change", () => this.set({ method: key }));
    label.append(button, ` ${method.title}`);
    document.getElementById("methods").append(label);
  }

  connect(name) {
    const [low, high] = this.data.ranges[name];
    const slider = document.getElementById(name);
    const field = document.getElementById(`${name}-value`);
    Object.assign(slider, LOGARITHMIC[name] ? { min: 0, max: STEPS, step: 1 } : { min: low, max: high, step: 0.01 });
    Object.assign(field, { min: low, max: high });
    slider.addEventListener("input", () => this.set({ [name]: this.atPosition(name, Number(slider.value)) }));
    field.addEventListener("input", () => field.value !== "" && this.set({ [name]: Number(field.value) }, field));
  }

  atPosition(name, position) {
    if (!LOGARITHMIC[name]) return Number(position.toFixed(2));
    const value = this.data.ranges[name][1] ** (position / STEPS);
    return name === "agents" ? Math.round(value) : Number(value.toPrecision(3));
  }

  positionOf(name) {
    const value = this.chosen[name];
    return LOGARITHMIC[name] ? Math.round((STEPS * Math.log(value)) / Math.log(this.data.ranges[name][1])) : value;
  }

  get method() {
    return this.data.methods[this.chosen.method];
  }

  set(changes, typed = null) {
    Object.assign(this.chosen, changes);
    this.show(typed);
    this.changed();
  }

  // What is asked: methods whose closed form is about one agent are asked about one.
  fields() {
    const agents = this.method.alone ? 1 : this.chosen.agents;
    return Object.fromEntries(Object.entries({ ...this.chosen, agents }).map(([name, value]) => [name, String(value)]));
  }

  // What is wrong with the numbers, or an empty text.
  fault() {
    for (const name of NUMBERS) {
      const [low, high] = this.data.ranges[name];
      const value = this.chosen[name];
      if (!(value >= low && value <= high)) return `${name} is ${value}, outside the page's range; give ${low} to ${high}.`;
      if (name === "agents" && !Number.isInteger(value)) return `agents is ${value}, which is not a whole number; give an integer.`;
    }
    return "";
  }

  show(typed = null) {
    document.getElementById(`method-${this.chosen.method}`).checked = true;
    for (const name of NUMBERS) {
      const slider = document.getElementById(name);
      const field = document.getElementById(`${name}-value`);
      const alone = name === "agents" && this.method.alone;
      const position = alone ? 0 : this.positionOf(name);
      if (Number(slider.value) !== position) slider.value = position;
      const value = alone ? 1 : this.chosen[name];
      slider.setAttribute("aria-valuetext", String(value));
      if (field !== typed) field.value = value;
      slider.disabled = field.disabled = alone;
    }
    document.getElementById("alone").hidden = !this.method.alone;
  }

  readAddress() {
    const given = new URLSearchParams(window.location.hash.slice(1));
    const found = {};
    if (given.get("method") in this.data.methods) found.method = given.get("method");
    for (const name of NUMBERS) if (given.has(name) && Number(given.get(name)) > 0) found[name] = Number(given.get(name));
    const differs = Object.entries(found).some(([name, value]) => this.chosen[name] !== value);
    Object.assign(this.chosen, found);
    if (differs) this.show();
    return differs;
  }

  keepAddress() {
    window.history.replaceState(null, "", `#${new URLSearchParams(this.chosen)}`);
  }
}
