"""The least theta of a system, enclosed by what is found in several units.

No units suit both ends of all systems: margins cost little where they are small against what the columns are like, and columns
that vanish on an optimal instance have no size of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, better_lower, better_upper, enclosed, near
from efpep.conic.lmi import Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.conic.units import dyadic_root

_FIRST = [(margin, margin, 1e-12) for margin in (1e-11, 1e-10, 1e-9)]
_MORE = [
    *((sigma, tau, tol) for m in (1e-11, 1e-10, 1e-9, 1e-8) for tol in (1e-12, 1e-10) for sigma, tau in ((m, 0.0), (0.0, m))),
    *((margin, margin, 1e-8) for margin in (1e-7, 1e-6)),
]
_SHARP = [(0.0, 1e-14, 1e-14), (1e-14, 0.0, 1e-14)]
_PRECISE = [(0.0, 1e-11, 1e-12), (1e-11, 0.0, 1e-12), (1e-12, 1e-12, 1e-12)]
_CLOSE = Fraction(1, 10**6)


def enclosed_in_units(
    first: Lmi, others: Callable[[Fraction], Sequence[Lmi]], solver: Solver, none: Callable[[], bool] = lambda: False
) -> tuple[Ends, str]:
    """Return the best ends, and whose proposals they rest on.

    Where a few attempts of the default solver leave the ends apart, extended precision is tried, with margins that cost nothing;
    then more attempts in all units, and extended precision again.

    Args:
        first: the system in its natural units.
        others: the system in other units, given about the root of the least theta; the first of them serve extended precision.
        solver: who proposes.
        none: whether it is proved that no theta is possible, which ends the search; asked where a lower end alone is found.
    """
    begun, more = (_PRECISE, _SHARP) if solver.name == "extended" else (_FIRST, _MORE)
    names, ends, size = solver.name, enclosed(first, solver, begun, _CLOSE), Fraction(1)
    if ends[0] is not None and ends[1] is None and none():
        return ends, names
    precise = find_solver("extended") if solver.name == DEFAULT else None
    nothing = ends == (None, None)  # perhaps no theta is proved at all, and then neither precision nor units help
    if precise is not None and not near(ends, _CLOSE) and not nothing:
        ends, names = _better(ends, enclosed(first, precise, _SHARP, _CLOSE)), f"{solver.name}+{precise.name}"
    if not near(ends, _CLOSE):
        ends = _better(ends, enclosed(first, solver, more, _CLOSE))
    for end in ends:
        size = size if end is None or end.theta <= 0 else dyadic_root(end.theta)
    scaled, nothing = others(size), ends == (None, None)
    for lmi in () if nothing else scaled:
        if not near(ends, _CLOSE):
            ends = _better(ends, enclosed(lmi, solver, begun + more, _CLOSE))
    if near(ends, _CLOSE) or precise is None:
        return ends, names
    ends = _better(ends, enclosed(scaled[0], precise, _PRECISE[2:], _CLOSE))
    if not near(ends, _CLOSE) and ends != (None, None):
        ends = _better(ends, enclosed(first, precise, _PRECISE[:2] + _SHARP, _CLOSE))
    return ends, f"{solver.name}+{precise.name}"


def _better(one: Ends, other: Ends) -> Ends:
    return better_lower(one[0], other[0]), better_upper(one[1], other[1])
