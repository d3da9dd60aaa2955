"""What a potential ``f - f*`` plus a quadratic is at most in the state in which the method starts.

    Phi_0 <= c (f(x_0) - f*) + sum_m c_m mean_i ||m_i||^2,

m the errors of the memories that are not zero there (for EF21 ``grad f_i(x_0) - d_i``). With p the potential's weight of
``||grad f||^2``, q_m those beside ``<grad f, m>`` and S the sum of all ``|q_m|``, for every h > 0

    2 q_m <grad f, m> <= (h |q_m|/S) ||grad f||^2 + (|q_m| S/h) ||m||^2,      ||grad f||^2 <= 2 L (f - f*),

so that ``c = 1 + 2 L max(0, p + h)``. Here h is S, or -p where that is more, and then c is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.system import Matrix
from efpep.model.trace import Trace
from efpep.questions.common.recording import evaluated
from efpep.questions.common.steps import started

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.questions.common.features import FeatureBlock
    from efpep.setting import Setting

_ZERO = Fraction(0)


def start_bound(
    method: Method, setting: Setting, blocks: Sequence[FeatureBlock], weights: Sequence[Matrix], *, virtual: bool
) -> dict[str, Fraction] | None:
    """Return the terms, with coefficients, that bound the potential with these weights of the features at the method's start.

    None where it is ``virtual``, about the virtual iterate too, or about a queried point, and one begins elsewhere than at
    ``x_0``.
    """
    trace = Trace(setting.populations(), common_minimiser=True, server_compressor=setting.server_compressor, noise=setting.noise)
    state = started(method, trace.point("x"), trace)
    points = evaluated(trace, method, state, virtual=virtual)
    if any(point.parts != state.x.parts for point in points.values()):
        return None
    gradient = trace.exact_gradient(state.x)
    errors = {m.feature: m.error_of(getattr(state, m.name), state.x, gradient).part(0) for m in method.memories}
    present = [name for name, error in errors.items() if error.nonzero]
    slope, found = _ZERO, dict.fromkeys(present, _ZERO)
    for block, matrix in zip(blocks, weights, strict=True):
        names = [feature.name for feature in block.features]
        places = {name: i for i, name in enumerate(names) if name in present}
        at_start = [i for i, name in enumerate(names) if name in {f"g{place}" for place in points}]
        here = sum((matrix[i][j] for i in at_start for j in at_start), _ZERO)
        beside = {name: abs(sum((matrix[i][j] for i in at_start), _ZERO)) for name, j in places.items()}
        total = sum(beside.values(), _ZERO)
        room = max(total, -here)
        slope = max(slope, here + room)
        for name, j in places.items():
            own = matrix[j][j] + sum((abs(matrix[i][j]) for i in places.values() if i != j), _ZERO)
            found[name] = max(found[name], own + (beside[name] * total / room if total else _ZERO))
    smoothness = setting.populations()[0].functions.smoothness
    terms = {"(f(x_0) - f*)": 1 + 2 * Fraction(smoothness) * slope}
    return {**terms, **{f"mean |{name}|^2 at x_0": a for name, a in found.items()}}
