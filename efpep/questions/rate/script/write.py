"""Stand-alone scripts: a certificate as a readable Python program for a paper's supplement.

The script needs the standard library alone and nothing of efpep. It states the claim, writes out the method's iteration and every
inequality in the basis of the proof with exact numbers, then the witnesses, and ends with the checks of
:mod:`efpep.questions.rate.script.standalone`. Where an inequality has a published formula (smooth strongly convex functions,
contractive compressors) the script also rebuilds it from the points of the iteration and compares.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest

from efpep.errors import CertificateError, InputError
from efpep.model.system import Matrix
from efpep.model.text import exact
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.common.step_inequalities import Weights
from efpep.questions.rate.lyapunov_class import EVERYTHING
from efpep.questions.rate.question import RateCertificate
from efpep.questions.rate.script.names import Names
from efpep.questions.rate.script.observation import Observation, observe
from efpep.questions.rate.script.rows import HEAD, inequalities, rows_of
from efpep.questions.rate.script.source import IMPORTS, certificate_digest, checks
from efpep.questions.rate.script.text import assignment, comment, formula

_RULE = "# " + "-" * 98 + "\n"


def write_script(certificate: RateCertificate) -> str:
    """Return a stand-alone Python script that checks a certificate.

    Run, it prints one sentence for each condition and leaves with status 0, or with status 1 after naming the first condition
    that fails. The certificate is not checked here: the script is the judge. The same certificate gives the same text.

    Raises:
        InputError: the certificate is about Lyapunov functions with memory, of chosen features, of any sign of the weights, of
            a method that is queried besides its iterate, or of a class of the average f.
        CertificateError: the certificate claims nothing, or its witnesses have other shapes than the question needs.
    """
    if certificate.lower is None and certificate.upper is None:
        raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
    if certificate.question.lyapunov_class != EVERYTHING:
        raise InputError(
            "scripts are written for Lyapunov functions of all features of the current state with positive semidefinite weights, "
            "and this certificate is about others; give the certificate itself, or ask without memory, features and positivity."
        )
    if certificate.method.queried or certificate.setting.mean is not None:
        raise InputError(
            "scripts are written for methods that are queried at their iterate, where all that is known of f is known of every "
            "agent's functions; give the certificate itself."
        )
    observation = observe(certificate.method, certificate.setting, certificate.question.metric)
    names = Names(observation)
    _check_shapes(names, certificate)
    sections = [
        f'#!/usr/bin/env python3\n"""{_docstring(certificate)}"""\n\n',
        f"# The certificate that this was written from has the SHA-256 {certificate_digest(certificate)}.\n\n",
        f"{IMPORTS}\nF = Fraction\n{_claim(certificate)}\n",
        _basis(names, certificate),
        _iteration(names, observation, certificate.method.step_size),
        _heading(HEAD) + inequalities(names, rows_of(names, observation)),
        _given(names, certificate.question.given),
        _upper(names, certificate.upper),
        _lower(names, certificate.lower),
        checks(),
        "\n\n\nrun(CLAIM, QUESTION, UPPER, LOWER)\n",
    ]
    return "".join(sections)


def compared(certificate: RateCertificate, script: str) -> str | None:
    """Return in what a script is not the one that a certificate yields, byte for byte; None where it is that one.

    Raises:
        InputError: there is no script of this certificate.
    """
    expected = write_script(certificate)
    if script == expected:
        return None
    digest = certificate_digest(certificate)
    if digest not in script:
        return f"it does not carry the digest of this certificate, {digest[:16]}..."
    lines = list(zip_longest(expected.splitlines(), script.splitlines()))
    first = next((k for k, (ours, theirs) in enumerate(lines, 1) if ours != theirs), len(lines))
    return f"it differs from the certificate's own script first in line {first}"


def _docstring(certificate: RateCertificate) -> str:
    method = certificate.method
    title = method.title or type(method).__name__
    about = (type(method).__doc__ or "").partition("Theorem")[0]
    about = re.sub(r":\w+:`~?([^`]*)`", r"\1", textwrap.dedent("    " + about)).replace("``", "").strip()
    lines = [f"{title}: a worst-case convergence rate with its proof in exact arithmetic.", "", "Claim."]
    lines += textwrap.wrap(certificate.sentence(), 110, initial_indent="    ", subsequent_indent="    ")
    lines += ["", "Method.", *(f"    {line}".rstrip() for line in about.splitlines()), "", "Setting."]
    lines += [f"    step size: {exact(method.step_size)}"]
    others = {name: text for name, text in method.describe().items() if name not in {"class", "step_size"}}
    lines += [f"    {name}: {text}" for name, text in others.items()]
    populations = certificate.setting.populations()
    for a, group in enumerate(populations):
        size = f"{group.count} agent{'' if group.count == 1 else 's'}" if group.count is not None else f"a share of {group.share}"
        kinds = [group.functions.describe()] + ([group.compressor.describe()] if group.compressor is not None else [])
        said = "; ".join(
            f"{kind['class']} ({', '.join(f'{name} = {text}' for name, text in kind.items() if name != 'class')})"
            for kind in kinds
        )
        lines.append(f"    {f'group {a + 1}: ' if len(populations) > 1 else ''}{size}; {said}")
    if method.common_minimiser and not (len(populations) == 1 and populations[0].single):
        lines.append("    all agents share one minimiser")
    lines += ["", "Run this file with Python 3.9 or later; it needs the standard library alone. It checks every condition of the"]
    lines += [
        "proof with fractions, says so in one sentence each, and leaves with status 0 if the claim is proved, else with 1.",
        "",
    ]
    return "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")


def _claim(certificate: RateCertificate) -> str:
    said = "What is claimed, from which the last sentence is composed; the rates are those of the witnesses below."
    claimed = {name: value for name, value in certificate.question.claimed().items() if name != "V"}  # V is composed of GIVEN
    return comment(said) + assignment("CLAIM", claimed)


def _basis(names: Names, certificate: RateCertificate) -> str:
    question = names.question
    tracked = {memory.feature: memory for memory in certificate.method.memories}
    said = [
        "1. The basis",
        "",
        "Positions are measured from the minimiser x*, gradients of client i from grad f_i(x*). Everything in one step is a",
        "linear combination of the columns below:",
    ]
    seen: set[str] = set()
    for columns in names.columns.values():
        for column in columns:
            stem = column.partition("[")[0]
            if stem in seen:
                continue
            seen.add(stem)
            said.append(f"  {stem}: {_meaning(stem, tracked)}")
    if len(names.columns) > 1:
        said += [
            "A client vector u_i has a mean part (over its group) and a deviation part, with",
            "    mean_i <u_i, v_i> = <mean u, mean v> + dev(u, v),   dev(u, v) = mean_i <u_i - mean u, v_i - mean v>.",
            "The mean block holds server vectors and means, a deviation block the deviations of one group. Both Gram matrices",
            "are positive semidefinite, and the number of agents occurs in neither.",
        ]
    said += ["F_k is mean_i f_i(x_k) - f_i(x*) - <grad f_i(x*), x_k - x*> - mu/2 ||x_k - x*||^2, which is never negative."]
    if len(question.columns) > 2:
        said += ["A number in brackets names the group of agents."]
    return _heading(said) + assignment("COLUMNS", names.columns) + assignment("VALUES", names.values) + "\n"


def _meaning(stem: str, tracked: Mapping[str, object]) -> str:
    if stem == "x":
        return "the iterate before the step, relative to x*"
    if stem in tracked:
        return "what the method keeps in memory before the step" + (" (a tracking error)" if stem.startswith("g-") else "")
    if re.fullmatch(r"u\d+", stem):
        return f"grad f_i(x_{stem[1:]}) - grad f_i(x*) - mu (x_{stem[1:]} - x*)"
    if re.fullmatch(r"r\d+", stem):
        return f"v - C(v), what the compression number {stem[1:]} of the step loses"
    return "grad f_i(x*)" if stem == "g*" else "a vector of the method"


def _iteration(names: Names, observation: Observation, step: Fraction) -> str:
    question = names.question
    said = [
        "2. The iteration",
        "",
        "The features of the Lyapunov function before the step and (marked +) after it; x_0 = x and x_1 = x+.",
    ]
    features: dict[str, dict[str, dict[str, dict[str, Fraction]]]] = {title: {} for title in names.columns}
    for block in question.blocks:
        if block.index not in names.blocks:
            continue
        said.append(f"{block.name} block:")
        for feature in block.features:
            old, new = names.linear(block.index, feature.before), names.linear(block.index, feature.after)
            features[names.blocks[block.index]][feature.name] = {"before": old, "after": new}
            label = f"({feature.name})" if "-" in feature.name else feature.name
            said += [f"  {label} = {formula(old)}", f"  {label}+ = {formula(new)}"]
    gaps = {gap.name: {"before": names.form(gap.before), "after": names.form(gap.after)} for gap in question.gaps}
    text = _heading(said) + assignment("FEATURES", features)
    text += comment(
        "Function gaps f(x) - f(x*) (minus <grad f(x*), x - x*> in a group). A form is written as the coefficients of the "
        "inner products <u, v> by block, and those of the function values."
    )
    text += assignment("GAPS", gaps)
    text += comment("The metric that the Lyapunov function controls: " + names.said(question.metric))
    text += assignment("METRIC", names.form(question.metric))
    text += comment("The iterate, and the direction along which it moves: x+ = x - step size * along, in the mean block.")
    return text + assignment("DIRECTION", _direction(names, observation, step)) + "\n"


def _direction(names: Names, observation: Observation, step: Fraction) -> dict[str, object]:
    """Return the iterate before and after the step and the direction between them; none where the step size is zero."""
    old, new = observation.question.iterates
    along = None if step == 0 else names.linear(0, (1 / step) * (old - new))
    return {"x": names.linear(0, old), "x+": names.linear(0, new), "along": along}


def _given(names: Names, given: Weights | None) -> str:
    text = ""
    if given is None:
        text += comment("The claim is about every Lyapunov function of the class.") + "GIVEN = None\n"
    else:
        text += comment("The Lyapunov function that the claim is about: weights over the features by block, and of the gaps.")
        text += assignment("GIVEN", _weighted(names, given.blocks, given.gaps))
    keys = ["columns", "values", "features", "gaps", "metric", "direction", "points"]
    keys += ["interpolation", "messages", "compression", "noise", "independence", "feasible", "normal"]
    keys += ["inequalities", "equalities", "given"]
    return text + "\nQUESTION = {\n" + "".join(f'    "{key}": {key.upper()},\n' for key in keys) + "}\n\n"


def _weighted(names: Names, matrices: Sequence[Matrix], gaps: Sequence[Fraction]) -> dict[str, object]:
    question = names.question
    weights: dict[str, list[list[Fraction]]] = {title: [] for title in names.columns}
    for block, matrix in zip(question.blocks, matrices, strict=True):
        if block.index in names.blocks:
            weights[names.blocks[block.index]] = _rows(matrix)
    return {"weights": weights, "gaps": dict(zip([gap.name for gap in question.gaps], gaps, strict=True))}


def _upper(names: Names, witness: UpperWitness | None) -> str:
    if witness is None:
        return _heading(["4. The upper end: nothing is claimed"]) + "UPPER = None\n\n"
    question = names.question
    said = [
        "4. The upper end: a Lyapunov function V and multipliers",
        "",
        "V = sum over blocks of <weights, features features'> + sum of coefficients times function gaps. If, block by block and",
        "in every (nonnegative) function value,",
        "    rate V(before) - V(after) + sum_c multiplier_c inequality_c - margin metric >= 0",
        "with multipliers at least 0, then V(after) <= rate V(before), and the metric is at most (rate/margin) V.",
    ]
    found = {
        "rate": witness.theta,
        **_weighted(names, witness.weights, witness.gaps),
        "multipliers": dict(zip([row.name for row in question.rows], witness.multipliers[0], strict=True)),
        "margin": witness.margin,
    }
    return _heading(said) + assignment("UPPER", found) + "\n"


def _lower(names: Names, witness: LowerWitness | None) -> str:
    if witness is None:
        return _heading(["5. The lower end: nothing is claimed"]) + "LOWER = None\n\n"
    question = names.question
    said = [
        "5. The lower end: an instance on which no Lyapunov function of the class does better",
        "",
        "Gram matrices of the columns, block by block, and function values that satisfy every inequality. On them every",
        "quadratic with positive semidefinite weights and every function gap is at least rate times as large after the step as",
        "before it, while the metric is positive. A V that proves a smaller rate' would have, by the condition of part 4 taken",
        "on the instance,",
        "    0 < margin metric <= rate' V(before) - V(after) <= (rate' - rate) V(before) <= 0,",
        "a contradiction. A rate of 1 or more means that no Lyapunov function of the class contracts. Where the claim is about",
        "a given V, only that V has to be at least rate times as large after the step.",
    ]
    grams: dict[str, object] = {}
    given = {block.index: (block.columns, matrix) for block, matrix in zip(question.blocks, witness.grams[0], strict=True)}
    for index, title in names.blocks.items():
        columns, matrix = given.get(index, ((), ()))
        place = {question.columns[index][j].name: k for k, j in enumerate(columns)}
        zero = Fraction(0)  # columns that no inequality and no feature sees
        grams[title] = [
            [matrix[place[left]][place[right]] if left in place and right in place else zero for right in names.columns[title]]
            for left in names.columns[title]
        ]
    found = {"rate": witness.theta, "grams": grams, "values": dict(zip(names.values, witness.values[0], strict=True))}
    return _heading(said) + assignment("LOWER", found) + "\n"


def _check_shapes(names: Names, certificate: RateCertificate) -> None:
    question = names.question
    sizes = [len(block.features) for block in question.blocks]
    if (given := certificate.question.given) is not None:
        _require("weights of the claim", [len(matrix) for matrix in given.blocks], sizes)
        _require("gaps of the claim", [len(given.gaps)], [len(question.gaps)])
    if (upper := certificate.upper) is not None:
        _require("weights", [len(matrix) for matrix in upper.weights], sizes)
        _require("gaps", [len(upper.gaps)], [len(question.gaps)])
        _require("multipliers", [len(m) for m in upper.multipliers], [len(question.rows)])
    if (lower := certificate.lower) is not None:
        _require(
            "Gram matrices",
            [len(matrix) for grams in lower.grams for matrix in grams],
            [len(block.columns) for block in question.blocks],
        )
        _require("values", [len(values) for values in lower.values], [len(names.values)])


def _require(what: str, given: Sequence[int], wanted: Sequence[int]) -> None:
    if list(given) != list(wanted):
        raise CertificateError(f"the {what} have the shape {list(given)}, but the question needs {list(wanted)}.")


def _rows(matrix: Matrix) -> list[list[Fraction]]:
    return [list(row) for row in matrix]


def _heading(lines: Sequence[str]) -> str:
    return _RULE + "".join(f"# {line}".rstrip() + "\n" for line in lines) + _RULE
