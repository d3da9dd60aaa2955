"""EF21-W: EF21 weighted by the agents' smoothness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from efpep.methods.ef21 import EF21
from efpep.theory import three_point as theory
from efpep.theory.literature import Literature


@dataclass(frozen=True)
class EF21W(EF21):
    """EF21-W (2402.10774): EF21 with weights ``w_i = L_i/(L_1 + ... + L_n)``, by which agents of different smoothness count.

        x+ = x - step_size * sum_i w_i u_i,   u_i+ = u_i + C_i(grad f_i(x+)/(n w_i) - u_i).

    In the estimates ``d_i = n w_i u_i`` this is EF21 with the compressors ``v -> n w_i C_i(v/(n w_i))``, and so it runs here.
    These belong to the same class as the ``C_i``, and are the ``C_i`` themselves where ``C(c v) = c C(v)`` for ``c > 0``, as for
    Top-K, Rand-K, the scaled sign and low-rank approximation. So EF21's own worst case is that of EF21-W; what is weighted
    is the step size and the Lyapunov function.

    Theorem (2402.10774, under the PL condition; an upper bound): with ``s = sqrt(1 - delta)``, the average constants L and mu,
    and ``gamma = min{1/(L (1 + sqrt(2) s/(1 - s))), (1 - s)/(2 mu)}``,

        V+ <= (1 - gamma mu) V,   V = f(x) - f* + gamma/(1 - s) mean_i (L/L_i) ||grad f_i(x) - d_i||^2.

    EF21's own theorem (2106.05203) has the square mean ``sqrt(mean L_i^2) >= L`` in the place of the second L. The agents'
    minimisers may differ.
    """

    key: ClassVar[str] = "ef21-w"
    title: ClassVar[str] = "EF21-W"
    reference: ClassVar[str] = "2402.10774"
    literature: ClassVar[Literature] = theory.EF21W
