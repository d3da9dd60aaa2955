"""The inequalities of a stand-alone script, with the points, messages and feasible points that they are about.

Where :mod:`efpep.questions.rate.script.standalone_rows` has the formula of a class, the script says from which of these a row
comes, and rebuilds it; the others are written out and, when the script runs, listed as given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from efpep.model.row import Row
from efpep.questions.rate.script.names import Names
from efpep.questions.rate.script.observation import Observation, Use, label_of
from efpep.questions.rate.script.standalone_rows import AVERAGING, DETERMINISTIC, DOMINATED, LINEAR, SMOOTH
from efpep.questions.rate.script.text import assignment, comment, paragraphs

Table = dict[str, dict[str, object]]
_ABOUT_MESSAGES = ("compression", "projection", "noise", "independence")

HEAD = (
    "3. The inequalities",
    "",
    "Every run of the method satisfies these (each form is at most 0). For f_i that are L-smooth and mu-strongly convex:",
    "    F_b - F_a + <u_b, x_a - x_b> + ||u_a - u_b||^2 / (2 (L - mu)) <= 0   for all ordered pairs (a, b) of points",
    "(Taylor, Hendrickx, Glineur, arXiv 1502.05666, Theorem 4), averaged over the agents of a group; * is the minimiser.",
    "For a contractive compressor: ||v - C(v)||^2 - (1 - delta) ||v||^2 <= 0, likewise averaged. Other classes have the formulas",
    "of the code below; what has none is listed as given when this file runs.",
)


@dataclass(slots=True)
class Rows:
    """What the rows are about, and which row comes from what, by section of the script."""

    points: Table = field(default_factory=Table)
    interpolation: Table = field(default_factory=Table)
    messages: Table = field(default_factory=Table)
    compression: Table = field(default_factory=Table)
    noise: Table = field(default_factory=Table)
    independence: Table = field(default_factory=Table)
    feasible: Table = field(default_factory=Table)
    normal: Table = field(default_factory=Table)


def rows_of(names: Names, observation: Observation) -> Rows:
    """Return where the rows of a question come from."""
    found = Rows()
    several = len(observation.samples) > 1
    for group in range(len(observation.samples)):
        _sampled(names, observation, group, found)
    for use in observation.uses:
        _compressed(names, use, found)
    for feasible in observation.feasible:
        vectors = {"point": feasible.point.part(0).mean, "normal": feasible.normal.part(0).mean}
        found.feasible[feasible.label] = {name: names.linear(0, vector) for name, vector in vectors.items()}
    uses = {(use.number, use.group): use for use in observation.uses}
    for row in names.question.rows:
        origin = row.origin
        if origin.inequality == "interpolation":
            a, b = (label_of(label, origin.group, several=several) for label in origin.about)
            if {a, b} <= set(found.points):
                found.interpolation[row.name] = {"a": a, "b": b, "group": Fraction((origin.group or 0) + 1)}
        elif origin.inequality == "normal":
            found.normal[row.name] = dict(zip("ab", origin.about, strict=True))
        elif origin.inequality in _ABOUT_MESSAGES and (origin.server or origin.group is not None):
            use = uses[origin.about[0], origin.group]
            if use.label in found.messages:
                other = use if origin.other is None else uses[origin.about[0], origin.other]
                _about_message(names, row, use, other, found)
    return found


def _about_message(names: Names, row: Row, use: Use, other: Use, found: Rows) -> None:
    """Note what a row says of a message, or of two."""
    origin = row.origin
    if origin.inequality == "noise" and origin.past is not None:
        block, column = origin.past
        title = names.blocks[0 if block == "mean" else (use.group or 0) + 1]
        found.noise[row.name] = {"of": use.label, "past": column, "block": title}
    elif origin.inequality == "independence":
        found.independence[row.name] = {"of": use.label, "and": other.label}
    else:
        says = origin.part or ("loss" if origin.inequality == "compression" else "projection")
        found.compression[row.name] = {"of": use.label, "says": says}


def inequalities(names: Names, found: Rows) -> str:
    """Return the part of a script that has the inequalities."""
    question = names.question
    text = comment("The points, in whose terms the interpolation inequalities are stated.")
    text += assignment("POINTS", found.points) + assignment("INTERPOLATION", found.interpolation)
    text += comment("The messages v, what compression loses of them (in expectation), and how the result fluctuates.")
    text += assignment("MESSAGES", found.messages) + assignment("COMPRESSION", found.compression)
    text += comment("Fluctuations are orthogonal to all that was there before the draw, and to those of other agents.")
    text += assignment("NOISE", found.noise) + assignment("INDEPENDENCE", found.independence)
    text += comment("The points of the set that the method projects onto, and vectors of the normal cones there.")
    text += assignment("FEASIBLE", found.feasible) + assignment("NORMAL", found.normal)
    text += paragraphs([f"{row.name}: {names.said(row.form)} {'==' if row.equality else '<='} 0" for row in question.rows])
    text += assignment("INEQUALITIES", {row.name: names.form(row.form) for row in question.rows})
    text += comment("Relations that hold with equality, whose multipliers may have any sign.")
    return text + assignment("EQUALITIES", [row.name for row in question.rows if row.equality]) + "\n"


def _sampled(names: Names, observation: Observation, group: int, found: Rows) -> None:
    """Note a group's points, where the class has a formula."""
    if observation.functions[group].identifier() not in {*SMOOTH, *DOMINATED}:
        return
    several = len(observation.samples) > 1
    samples = observation.samples[group]
    for sample in samples:
        found.points[label_of(sample.label, group, several=several)] = {
            "x": names.part(sample.x, group),
            "u": names.part(sample.shape, group),
            "F": names.amounts(sample.excess),
            "group": Fraction(group + 1),
        }


def _compressed(names: Names, use: Use, found: Rows) -> None:
    """Note a message, where the class has a formula."""
    kind = use.compressor.identifier()
    group = 0 if use.group is None else use.group
    if kind not in {*DETERMINISTIC, *LINEAR, *AVERAGING}:
        return
    found.messages[use.label] = {
        "v": names.part(use.v, group),
        "v - C(v)": names.part(use.loss, group),
        "noise": names.part(use.noise, group),
        "group": Fraction(0 if use.group is None else use.group + 1),
    }
