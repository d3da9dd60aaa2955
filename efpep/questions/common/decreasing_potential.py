"""Potentials ``Phi = f - f* + quadratic(features) >= 0`` that decrease: their system, their files, and what they say of runs.

See :mod:`efpep.questions.nonconvex.question` for the decrease, and :mod:`efpep.questions.nonconvex_noise.question` for noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.model.form import Form
from efpep.model.system import Multiple, Relation, Share, System, Unknown
from efpep.model.text import down, up
from efpep.proof import layout
from efpep.proof.layout import Layout
from efpep.proof.witness import UpperWitness
from efpep.questions.base import SystemQuestion
from efpep.questions.common.start_bound import start_bound
from efpep.questions.common.step_inequalities import StepInequalities


def potential_system(step: StepInequalities, constant: Form, slope: Form, *, noise: bool = False) -> System:
    """Return the system whose unknowns are the quadratic of a potential and how its values are shared among points.

    Args:
        step: a recorded step; the potential's first gap has the rest of the weight 1.
        constant: what the decrease of the first gap has to cover at ``theta = 0``.
        slope: how that grows with theta.
        noise: whether theta is the constant of the noise, and not minus a decrease.
    """
    weights = tuple(
        Unknown(
            f"the weights of the potential in the {block.name} block",
            tuple(feature.name for feature in block.features),
            f"the state is not what potentials gain in the {block.name} block.",
            nonnegative=False,
        )
        for block in step.blocks
    )
    first, *others = step.gaps
    shares = tuple(
        Multiple(gap.name, f"the value {gap.name}", f"the state is not what the value {gap.name} gains.", nonnegative=False)
        for gap in others
    )
    relation = Relation(
        step.blocks,
        step.values_used,
        step.values,
        tuple(row for row in step.rows if not sum(a for k, a in row.form.values.items() if step.values[k] != "1")),
        tuple(square for k, block in enumerate(step.blocks) for square in (block.before(k, 1, 0), block.after(k))),
        tuple(Share(k, (gap.before - gap.after) - (first.before - first.after), Form()) for k, gap in enumerate(others)),
        constant=constant,
        slope=slope,
        differences=True,
    )
    held = replace(
        step.of_state("the potential", step.state_rows, first.before),
        shares=tuple(Share(k, gap.before - first.before, Form()) for k, gap in enumerate(others)),
    )
    allowed = "constants as large as the lower" if noise else "decreases as small as the upper"
    return System(
        (relation, held),
        weights,
        shares,
        step.separated,
        least=Fraction(0) if noise else None,
        called="constant" if noise else "decrease",
        vanishing=f"the {'noise' if noise else 'gradient'} vanishes on the instance, so that nothing is excluded.",
        allowed=f"the instance does not exclude {allowed} one.",
    )


def potential_layout(system: System, names: Sequence[str]) -> Layout:
    """Return how witnesses of such a system stand in files, with the names of its blocks."""
    parts = {"": 0, "state_": 1}
    return Layout(
        {
            "weights": layout.weights(system, names),
            "gaps": layout.gaps(system),
            **{f"{name}multipliers": layout.multipliers(system, i) for name, i in parts.items()},
        },
        {
            f"{name}{what}": template(system, i)
            for name, i in parts.items()
            for what, template in (("grams", layout.grams), ("values", layout.values))
        },
    )


def start_terms(
    asked: SystemQuestion, step: StepInequalities, upper: UpperWitness, decrease: Fraction
) -> dict[str, Fraction] | None:
    """Return the terms that bound ``Phi_0/a`` at the method's start, a the decrease of the potential; None if unknown."""
    virtual = any(gap.name == "f(xt)" for gap in step.gaps)
    start = start_bound(asked.method, asked.setting, step.blocks, upper.weights, virtual=virtual)
    return None if start is None else {name: a / decrease for name, a in start.items()}


def run_bound(terms: Mapping[str, Fraction] | None, decrease: Fraction, first: str, floor: str = "") -> str:
    """Return what a potential with a decrease proves of T steps from an iterate on, with what noise adds to it."""
    above = f"Phi/({down(decrease, 12)} T)" + ("" if terms is not None else f"{floor}, Phi the potential at {first}")
    if terms is not None:
        above = f"({' + '.join(f'{up(a, 6)} {name}' for name, a in terms.items())})/T{floor}"
    return (
        f"the mean of |grad f(x_t)|^2 over T iterates from {first} on, which is that of one of them drawn at random and no "
        f"less than the least, is at most {above}"
    )
