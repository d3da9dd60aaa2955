"""Methods x problems x compressors, observed beside proved rates."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from efpep.compressors.contractive import Contractive
from efpep.errors import InputError
from efpep.model.argument import require_kind
from efpep.model.compressor_class import Loss
from efpep.questions.base import Verdict
from efpep.questions.rate.answer import Rate
from efpep.setting import Setting
from efpep.simulate.compare import proved_rate
from efpep.simulate.follow import Comparison, follow
from efpep.simulate.prepare import check_whole, described
from efpep.simulate.tightness import Tightness, tightness

if TYPE_CHECKING:
    from efpep.compressors.operator import CompressionOperator
    from efpep.methods.base import Method
    from efpep.simulate.problem import Problem

HEADER = (
    "method",
    "problem",
    "compressor",
    "proved rate",
    "observed rate",
    "worst step",
    "proved, any contractive",
    "slowest quadratic",
    "gap",
    "remark",
)


@dataclass(frozen=True, eq=False)
class ComparisonLine:
    """One combination: the run, or why there is none.

    Attributes:
        method: the method, as text, with the number of its step size where that is known.
        problem: the problem, as text.
        compressor: the operator, as text.
        comparison: the run beside the proved rate, or None.
        tight: the slowest quadratic beside the rate over contractive compressors of the same delta, or None where not searched.
        remark: why something is missing, or an empty text.
    """

    method: str
    problem: str
    compressor: str
    comparison: Comparison | None
    tight: Tightness | None
    remark: str

    def cells(self) -> list[str]:
        """Return the table's cells."""
        run = ["", "", ""]
        if self.comparison is not None:
            run = [f"{x:.6f}" for x in (self.comparison.proved, self.comparison.observed, self.comparison.worst)]
        quadratic = ["", "", ""]
        if self.tight is not None:
            quadratic = [f"{self.tight.proved:.6f}", f"{self.tight.found:.6f}", f"{100 * self.tight.gap:.2g} %"]
        return [self.method, self.problem, self.compressor, *run, *quadratic, self.remark]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The report: one line for each combination, in the order methods, problems, compressors."""

    lines: list[ComparisonLine]

    def markdown(self) -> str:
        """Return a Markdown table."""
        rows = [list(HEADER), ["---"] * len(HEADER), *(line.cells() for line in self.lines)]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def csv(self) -> str:
        """Return the table as CSV."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerows([HEADER, *(line.cells() for line in self.lines)])
        return text.getvalue()

    def __str__(self) -> str:
        """Return the Markdown table."""
        return self.markdown()


def comparisons(
    methods: Sequence[Method],
    problems: Sequence[Problem],
    compressors: Sequence[CompressionOperator],
    iterations: int = 200,
    *,
    seed: int = 0,
    search: bool = False,
) -> Comparisons:
    """Compare every method on every problem with every operator with its proved rate.

    Args:
        methods: the methods; ``"optimal"`` step sizes are those of each problem and operator.
        problems: the problems.
        compressors: the operators.
        iterations: how many steps each run makes.
        seed: of the operators.
        search: whether the slowest quadratic is searched too, for operators of contractive classes. It is set beside the rate
            over all contractive compressors of the same delta, one agent.

    Returns:
        The report. A combination about which nothing is proved, or that the method is not analysed for, has a remark.

    Raises:
        ContradictionError: a run, or a quadratic, contracts slower than proved.
    """
    for name, given in {"methods": methods, "problems": problems, "compressors": compressors}.items():
        require_kind(given, Sequence, name, "a list")
    check_whole("iterations", iterations, least=2)
    found: list[ComparisonLine] = []
    tights: dict[Any, Tightness] | None = {} if search else None
    for method in methods:
        for problem in problems:
            for compressor in compressors:
                names = (described(method), described(problem), described(compressor))
                try:
                    certified = proved_rate(method, problem, compressor)
                    names = (described(certified.method), *names[1:])
                    if certified.verdict is Verdict.PROVED:
                        comparison = follow(certified, problem, iterations, compressor, seed=seed)
                        tight = _tight(certified, tights)
                        remark = "in expectation" if certified.setting.random or certified.method.draws else ""
                    else:
                        comparison, tight, remark = None, None, certified.finding
                except InputError as error:
                    comparison, tight, remark = None, None, str(error)
                found.append(ComparisonLine(*names, comparison, tight, remark))
    return Comparisons(found)


def _tight(certified: Rate, known: dict[Any, Tightness] | None) -> Tightness | None:
    declared = certified.setting.populations()[0].compressor
    if known is None or declared is None or declared.loss not in {Loss.ANY, Loss.ORTHOGONAL}:
        return None
    alone = Setting(certified.setting.functions, Contractive(declared.contraction), 1)
    key = (certified.method, str(alone.describe()))
    if key not in known:
        known[key] = tightness(certified.method, alone)
    return known[key]
