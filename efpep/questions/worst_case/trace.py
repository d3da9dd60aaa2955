"""A Trace of many steps, in the basis of the method's states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from efpep.model.column import Column, Unit
from efpep.model.linear import Linear
from efpep.model.row import MINIMISER, Origin
from efpep.model.sample import Sample
from efpep.model.trace import Trace
from efpep.model.vector import NOTHING, Part, Vector
from efpep.questions.common.elimination import Elimination

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.model.field import Scalar
    from efpep.setting import Setting

DIAMETER = "diameter"
"""The name of a bound of the set that a method projects onto."""

_RAW, _GRADIENT, _MEMORY, _POINT, _FIXED = range(5)
"""How much a column is wanted in the basis: losses of messages least, points most."""


class HorizonTrace(Trace):
    """Records steps with a cut after each, and leaves inequalities between samples to be formed when they are wanted.

    Attributes:
        elimination: the relations among columns.
    """

    def __init__(self, method: Method, setting: Setting) -> None:
        """Start an empty recording of ``method`` in ``setting``.

        Agents share one minimiser where the method needs it and the setting says nothing, or where its heterogeneity is 0.
        """
        zeta = setting.apart
        shared = method.common_minimiser if zeta is None else zeta == 0
        super().__init__(
            setting.populations(),
            common_minimiser=shared,
            server_compressor=setting.server_compressor,
            projects=method.projects,
        )
        self.elimination = Elimination(len(self.blocks))
        for block, columns in enumerate(self.blocks):
            self.elimination.rank[block] |= dict.fromkeys(range(len(columns)), _FIXED)

    def cut(self, state: Any, t: int, mark: str = "") -> Any:
        """Return the state after step ``t`` with fresh columns for its vectors, memories first; ``mark`` is of their names."""
        fields: dict[str, object] = state._asdict()
        cut = {
            name: self._cut(f"{name}{mark}_{t}", held)
            for name, held in fields.items()
            if name != "x" and isinstance(held, Vector)
        }
        return state._replace(**cut, x=self._cut(f"x{mark}_{t}", fields["x"], _POINT))

    def _cut(self, name: str, held: Any, rank: int = _MEMORY) -> Vector:
        parts = [self._cut_part(name, 0 if held.server else a, part, rank) for a, part in enumerate(held.parts)]
        fresh = Vector(tuple(parts), server=held.server, anchor=held.anchor)
        for a in range(len(self.groups)):  # what was evaluated at a point was so under its new name
            if (a, held.part(a)) in self._samples:
                self._samples[a, fresh.part(a)] = self._samples[a, held.part(a)]
        return fresh

    def _cut_part(self, name: str, group: int, part: Part, rank: int) -> Part:
        label = name if len(self.groups) == 1 else f"{name}[{group + 1}]"
        unit = Unit.POINT if rank == _POINT else None
        mean = self._cut_linear(0, Column(label, unit, part.mean), part.mean, rank)
        return Part(mean, self._cut_linear(group + 1, Column(label, unit, part.deviation), part.deviation, rank))

    def _cut_linear(self, block: int, new: Column, form: Linear, rank: int) -> Linear:
        """Return a fresh column that equals ``form``; a multiple of a single column is its own cut."""
        ranks = self.elimination.rank[block]
        reduced = self.elimination.linear(block, form)
        if len(reduced.terms) <= 1:
            for j in reduced.terms:
                ranks[j] = max(ranks.get(j, _RAW), rank)
            return reduced
        fresh = self._column(block, new)
        ranks[next(iter(fresh.terms))] = rank
        self.elimination.link(block, fresh - form)
        return fresh

    def _column(self, block: int, new: Column) -> Linear:
        made = super()._column(block, new)
        if hasattr(self, "elimination"):
            self.elimination.rank[block][len(self.blocks[block]) - 1] = _GRADIENT if new.unit is Unit.GRADIENT else _RAW
        return made

    def _sample(self, group: int, x: Part) -> Sample:
        history = self._history[group]
        rest = self.gradient_at_minimiser.part(group)
        new = self.groups[group].functions.sample(self, group, x, rest, str(len(history) - 1))
        history.append(new)
        return new

    def bound_dissimilarity(self, zeta: Scalar) -> None:
        """Record ``mean_i ||grad f_i(x) - grad f(x)||^2 <= zeta^2`` at the points so far that all agents have in common."""
        groups = range(len(self.groups))
        for sample in self._history[0]:
            x = sample.x
            if sample.label != MINIMISER and not x.deviation.nonzero and all((a, x) in self._samples for a in groups):
                gradient = Vector(tuple(self._samples[a, x].gradient for a in groups), server=False)
                apart = self.square(gradient) - self.square(self.mean(gradient))
                self.add(Origin("dissimilarity", (sample.label,)), apart - self.constant(zeta * zeta))

    def start(self, mark: str = "") -> Vector:
        """Return the free starting point; the origin where nothing is known of a minimiser and only differences matter.

        ``mark`` is that of the names of a second run's vectors.
        """
        if not mark and not any(group.functions.has_minimiser for group in self.groups):
            return Vector((NOTHING,), server=True, anchor=1)
        x = self.point(f"x{mark}_0")
        self.elimination.rank[0] |= dict.fromkeys(x.mean.terms, _FIXED)
        return x

    def settled(self, group: int) -> Sequence[Sample]:
        """Return the samples of one group, the minimiser first, without eliminated columns."""
        part, form = self.elimination.part, self.elimination.form
        return [
            replace(
                sample,
                x=part(group, sample.x),
                gradient=part(group, sample.gradient),
                shape=part(group, sample.shape),
                value=form(sample.value),
                excess=form(sample.excess),
            )
            for sample in self._history[group]
        ]
