"""The least theta of a system, enclosed by what is found in several units.

No units suit both ends of all systems: margins cost little where they are small against what the columns are like, and columns
that vanish on an optimal instance have no size of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, better_lower, better_upper, enclosed, near
from efpep.conic.lmi import Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver

_FIRST = [(margin, margin, 1e-12) for margin in (1e-11, 1e-10, 1e-9)]
_MORE = [
    *((sigma, tau, tol) for m in (1e-11, 1e-10, 1e-9, 1e-8) for tol in (1e-12, 1e-10) for sigma, tau in ((m, 0.0), (0.0, m))),
    *((margin, margin, 1e-8) for margin in (1e-7, 1e-6)),
]
_PRECISE = [(0.0, 1e-14, 1e-14), (1e-14, 0.0, 1e-14)]
_CLOSE = Fraction(1, 10**6)


def enclosed_in_units(
    first: Lmi, others: Callable[[Fraction], Sequence[Lmi]], solver: Solver, none: Callable[[], bool] = lambda: False
) -> tuple[Ends, str]:
    """Return the best ends, and whose proposals they rest on.

    Where a few attempts of the default solver leave the ends apart, extended precision takes over, whose margins cost nothing;
    for large systems, where it does not suffice, there are more attempts in all units.

    Args:
        first: the system in its natural units.
        others: the system in other units, given about the root of the least theta.
        solver: who proposes.
        none: whether it is proved that no theta is possible, which ends the search; asked where a lower end alone is found.
    """
    ends, size, names = (
        enclosed(first, solver, _PRECISE if solver.name == "extended" else _FIRST, _CLOSE),
        Fraction(1),
        solver.name,
    )
    if ends[0] is not None and ends[1] is None and none():
        return ends, names
    precise = [find_solver("extended")] if solver.name == DEFAULT else []
    for extended in precise if not near(ends, _CLOSE) else ():
        ends, names = _better(ends, enclosed(first, extended, _PRECISE, _CLOSE)), f"{names}+{extended.name}"
    for end in ends:
        size = size if end is None or end.theta <= 0 else Fraction(2) ** round(math.log2(end.theta) / 2)
    nothing = ends == (None, None)  # perhaps no theta is proved at all, and then no units help
    scaled = others(size)
    tried = [(lmi, extended, _PRECISE) for extended in precise for lmi in scaled]
    if not nothing and solver.name != "extended":
        tried += [(first, solver, _MORE), *((lmi, solver, _FIRST + _MORE) for lmi in scaled)]
    for lmi, other, attempts in tried:
        if not near(ends, _CLOSE):
            ends = _better(ends, enclosed(lmi, other, attempts, _CLOSE))
    return ends, names


def _better(one: Ends, other: Ends) -> Ends:
    return better_lower(one[0], other[0]), better_upper(one[1], other[1])
