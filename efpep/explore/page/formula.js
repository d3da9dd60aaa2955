"use strict";
// Closed forms, which the package gives as text, in floating point: numbers, names, + - * /, integer powers and parentheses.

function formulaValue(text, names) {
  const tokens = text.match(/\d+|[A-Za-z]\w*|\*\*|[-+*/^()]/g) || [];
  let place = 0;
  const next = (...wanted) => (wanted.includes(tokens[place]) ? tokens[place++] : null);
  function atom() {
    if (next("(")) {
      const inner = sum();
      if (!next(")")) throw new Error(`a parenthesis is missing in ${text}`);
      return inner;
    }
    const token = tokens[place++];
    if (/^\d/.test(token)) return Number(token);
    if (!(token in names)) throw new Error(`${token} stands for nothing in ${text}`);
    return names[token];
  }
  function power() {
    const base = atom();
    return next("^", "**") ? base ** (next("-") ? -atom() : atom()) : base;
  }
  function factor() {
    return next("-") ? -factor() : power();
  }
  function product() {
    let found = factor();
    for (let sign = next("*", "/"); sign; sign = next("*", "/")) found = sign === "*" ? found * factor() : found / factor();
    return found;
  }
  function sum() {
    let found = product();
    for (let sign = next("+", "-"); sign; sign = next("+", "-")) found = sign === "+" ? found + product() : found - product();
    return found;
  }
  const found = sum();
  if (place < tokens.length) throw new Error(`${text} goes on where it should end`);
  return found;
}

// The constants in which closed forms are written, of functions with L = 1.
function constantsOf(chosen) {
  return { mu: 1 / chosen.kappa, L: 1, s: Math.sqrt(1 - chosen.delta) };
}

// The rate at a step size, at the largest root of the claim's equation; null from the stability limit on.
function rateAt(claim, constants, eta) {
  if (!(eta > 0 && eta < formulaValue(claim.limit, constants))) return null;
  const names = { ...constants, eta };
  names.theta = Math.max(...claim.branches.map((branch) => formulaValue(branch, names)));
  const [a, b, c] = claim.coefficients.map((text) => formulaValue(text, names));
  const root = c === undefined ? -b / a : (Math.sqrt(b * b - 4 * a * c) - b) / (2 * a);
  return formulaValue(claim.rate, { ...names, [claim.root]: root });
}
