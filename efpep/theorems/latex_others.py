"""Theorems about groups, potentials and laws in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from efpep.theorems.latex import broken, factor, math, plain, rows_of, squares_of, vector_of
from efpep.theory import formula
from efpep.theory.error_feedback import CLAIM

if TYPE_CHECKING:
    from efpep.theorems.averages import AveragesTheorem
    from efpep.theorems.averaging import PotentialCase, PotentialTheorem
    from efpep.theorems.comparison import ComparisonTheorem
    from efpep.theorems.decrease import DecreaseCase, DecreaseTheorem, Reflection
    from efpep.theorems.different_steps import DifferentStepsTheorem
    from efpep.theorems.econtrol_law import LawTheorem
    from efpep.theorems.groups import GroupsTheorem
    from efpep.theory.statement import SquaredVector


_ZERO = {"e": r"(e-\mathbb{E}e)", "y": r"(y-\mathbb{E}y)", "k": r"(k-\bar{k})", "k2": r"(k^{2}-K_1)"}
"""What averages to zero over the groups."""


def _framed(title: str, said: list[str], proof: list[str]) -> str:
    head = rf"\begin{{theorem}}[{title}]"
    return "\n".join([head, *said, r"\end{theorem}", r"\begin{proof}", *proof, r"\end{proof}"])


def groups_theorem(theorem: GroupsTheorem) -> str:
    """Return the theorem about groups: the identity of one group, whose average is that of V."""
    proof = theorem.proof
    powers = (r"\rho^{3}", r"\rho^{2}", r"\rho", "")
    cubic = "+".join(f"{factor(text)}{power}" for text, power in zip(proof.cubic, powers, strict=True)).replace("+-", "-")
    where = r",\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in proof.abbreviations.items())
    rows = [rf"{factor(multiplier)}\left({math(row)}\right)" for multiplier, row in proof.rows]
    squares = [rf"{factor(text)}\left({math(vector)}\right)^{{2}}" for text, vector in (*proof.squares, proof.last)]
    averages = [rf"\left({math(text)}\right)\,{_ZERO[name]}" for name, text in proof.averages.items()]
    state = r",\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in proof.state.items())
    before, after = " + ".join(proof.before), " + ".join(proof.after)
    claim = theorem.law
    server, errors = _features(claim.server), _features(claim.errors)
    constants = ",\\ ".join(f"{formula.symbol(name)}={math(text)}" for name, text in claim.constants.items())
    said = [
        r"Groups have the shares $w$ and the constants $0<\mu\le L$, not all equalities; $0<\delta<1$,",
        rf"$\delta={math(claim.loss)}$; in each group ${constants}$, and $\bar S$ is the mean of $S$. $\mathbb{{E}}$ is the",
        rf"mean with the weights ${math(claim.average)}$, $K_1=\mathbb{{E}}k^2$, $\bar k=\mathbb{{E}}k$, $K_2=\bar k^2$. At",
        rf"$\eta={math(claim.step)}$",
        rf"\[ V=\|\overline{{{server}}}\|^2+\sum w\,{factor(claim.weight)}\,\overline{{\|{errors}\|^2}} \]",
        rf"decreases by the largest root of \[ {cubic}=0 \] and by no smaller factor.",
    ]
    lines = [
        "In each group $e$, $r$ and $y$ are the errors before and after the step and the change of gradients, divided",
        r"by $\sigma$,",
        rf"and squares of vectors are squared norms. With $V={math(before)}$ and $V^+={math(after)}$ in every group, and",
        rf"${where}$,",
        r"\begin{align*}",
        rf"&\rho\,V-V^+{''.join('+' + row for row in rows)}\\",
        rf"&\quad={broken([*squares, *averages])},",
        r"\end{align*}",
        r"where $K_1$ is the one at which $\rho$ is a root; the last terms average to zero. Deviations inside a group",
        "obey the same",
        r"identity without $G$, $\mathbb{E}e$ and $\mathbb{E}y$. All inequalities and squares vanish in the state",
        rf"\[ {state}. \]",
        *_group_domination(theorem),
    ]
    return _framed(theorem.title, said, lines)


def _features(features: Mapping[str, str]) -> str:
    """Return a vector of features."""
    names = {"x": r"(x-x^\star)"}
    return "+".join(f"{factor(text)}{names.get(name, name)}" for name, text in features.items()).replace("+-", "-")


def _group_domination(theorem: GroupsTheorem) -> list[str]:
    """Return why V controls the distance."""
    given, proof = theorem.domination, theorem.proof
    own = [math(proof.before[0].replace("G", given.server))] + ([math(proof.before[1])] if given.errors else [])
    rows = "".join(f"+{factor(multiplier)}\\left({math(row)}\\right)" for multiplier, row in given.rows)
    squares = [rf"{factor(text)}\left({math(vector)}\right)^{{2}}" for text, vector in (*given.squares, given.last)]
    averages = [rf"\left({math(text)}\right)\,{_ZERO[name]}" for name, text in given.averages.items()]
    read = r"with $y=\eta g/\sigma_a$ and $d=x-x^\star$ in place of the vectors above" if given.rows else r"as $d=x-x^\star$"
    return [
        rf"$V$ dominates the distance, ${factor(given.scale)}V\ge {factor(given.constant)}\|x-x^\star\|^2$, because {read}",
        r"\begin{align*}",
        rf"&{'+'.join(own)}-{factor(given.constant)}d^{{2}}{rows}\\",
        rf"&\quad={broken([*squares, *averages])}.",
        r"\end{align*}",
    ]


def potential_theorem(theorem: PotentialTheorem) -> str:
    """Return the theorem about a potential: the identity of every case."""
    said = [
        r"Let $q=\sqrt{1-\delta}$ and $p=\sqrt{1-\delta_s}$. With the virtual iterate $\tilde x$, subgradients $h_i$",
        "and errors $e_i$",
        r"and $S=(w-x)/\gamma$, the least $K$ with $V^+\le",
        r"V-2\gamma(\varphi(x)-\varphi(x^\star))+\gamma^2K\,\overline{\|h\|^2}$,",
        rf"$V=\|\tilde x-x^\star\|^2+\gamma^2P$, over all potentials $P\ge0$ of the errors is \[ K={math(theorem.constant)}. \]",
    ]
    rows = [
        r"Bars are averages over the clients, and $\operatorname{dev}(v)$ is the average of $\|v_i-\bar v\|^2$. The",
        r"compressors satisfy $\mathcal{C}\le0$ and",
        r"$\mathcal{S}\le0$, where $\mathcal{C}$ is the average of $\|e_i^+\|^2-q^2\|e_i+h_i\|^2$ and",
        r"$\mathcal{S}=\gamma^2\left(\|S^+\|^2-p^2\|S-(\bar e+\bar h-\bar e^+)\|^2\right)$.",
    ]
    return _framed(theorem.title, said, [*rows, *(line for case in theorem.cases for line in _potential_case(case))])


def _potential_case(case: PotentialCase) -> list[str]:
    where = r",\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in case.where.items())
    potential = [_square(square, block) for block, each in case.potential.items() for square in each]
    squares = [_square(square, block) for block, each in case.squares.items() for square in each]
    rows = "".join(f"+{factor(text)}\\mathcal{{{'S' if 'server' in name else 'C'}}}" for name, text in case.multipliers.items())
    cycle = r",\quad ".join(f"{_vector(name)}={factor(text)}h" for name, text in case.cycle.items())
    lines = [rf"\paragraph{{{case.name[:1].upper()}{case.name[1:]}.}}" + (f" Let ${where}$." if where else "")]
    lines += [
        rf"With $P={'+'.join(potential) or '0'}$",
        r"\begin{align*}",
        r"&K\,\overline{\|h\|^2}-\|\bar h\|^2-\tfrac2\gamma\langle\bar h,x-\tilde x\rangle+P-P^+" + rows + r"\\",
        rf"&\quad={broken(squares)}.",
        r"\end{align*}",
    ]
    if cycle:
        lines.append(rf"For alternating $h$ the state ${cycle}$ changes its sign in every step, and the left side vanishes.")
    return lines


def _vector(name: str, *, mean: bool = False) -> str:
    if name.startswith("w-x"):
        return name.replace("w-x", "S").replace("+", "^+")
    return (rf"\bar {name[0]}" if mean else name[0]) + name[1:].replace("+", "^+")


def _square(square: SquaredVector, block: str) -> str:
    mean = block == "mean"
    terms = "+".join(f"{factor(text)}{_vector(name, mean=mean)}" for name, text in square.vector.items()).replace("+-", "-")
    inside = rf"\left\|{terms}\right\|^2" if mean else rf"\operatorname{{dev}}\left({terms}\right)"
    return f"{factor(square.coefficient)}{inside}"


def averages_theorem(theorem: AveragesTheorem) -> str:
    """Return the theorem about averages with its proof."""
    worst = theorem.worst.replace("*", "").replace("!=", r"$\ne$")
    said = [
        r"Agents have the shares $w_a$, constants $0<\mu_a\le L_a$ and compressors with one $\delta$, $s=\sqrt{1-\delta}$. With",
        rf"$\mu=\sum_aw_a\mu_a$ and $L=\sum_aw_aL_a$, {worst}.",
    ]
    lines = [
        r"On $f_i=a_ix^2/2$ with $C(v)=cv$ for all agents a step is linear, and the averages of $x$ and of the memories move as",
        r"those of one agent with the curvature $\sum_iw_ia_i$. With $a_i=\mu_i$ or $a_i=L_i$ the worst cases of one agent are",
        "worst cases of these agents.",
    ]
    return _framed(theorem.title, said, lines)


def different_steps_theorem(theorem: DifferentStepsTheorem) -> str:
    """Return the theorem about short and long steps of different agents with its proof."""
    claim, (short, long) = theorem.alone.claim, theorem.steps
    said = [
        r"Agents have the shares $w$, constants $0<m\le l$, not all equalities, and compressors with one $\delta<1$,",
        r"$s=\sqrt{1-\delta}$. With $\mu=\sum wm$, $L=\sum wl$ and $\kappa$ the largest $l/m$ the exact rate is",
        rf"${math(claim.rate)}$, $\beta$ the largest root of $\beta^2-\theta\beta-s=0$, with",
        rf"$\theta={math(claim.branches[short.branch])}$ for $0<\eta\le {math(short.end)}$, and",
        rf"$\theta={math(claim.branches[long.branch])}$ for ${math(long.end)}\le\eta<{math(claim.limit)}$.",
    ]
    lines = ["The theorem about groups holds for wider classes too."]
    for steps in (short, long):
        wide = r",\ ".join(f"{formula.symbol(name)}'={math(text)}" for name, text in steps.widened.items())
        lines.append(rf"At {steps.name} steps take ${wide}$, $c={math(steps.ratio)}$: in every group $k={math(steps.common)}$.")
    return _framed(
        theorem.title,
        said,
        [
            *lines,
            r"So $K_1=K_2=k^2$, the cubic is $(\rho-s^2)\left((\rho-s)^2-\theta^2\rho\right)$ with $\theta=(1-s)k$, and its",
            r"largest root is $\beta^2$. No rate is smaller, by the theorem about averages.",
        ],
    )


def comparison_theorem(theorem: ComparisonTheorem) -> str:
    """Return the theorem about CGD against EF and EF21 with its proof."""
    said = [
        r"Let $0<\mu\le L$, $0<\delta<1$, $s=\sqrt{1-\delta}$ and $k=(L-\mu)/(L+\mu)$. For one agent, at the best step sizes,",
        rf"CGD has the rate $r^2$, $r={math(theorem.root)}$, and EF and EF21 have $\beta^2$ with",
        rf"$\beta^2-{factor(theorem.theta)}\beta-s=0$, and $r<\beta$.",
    ]
    lines = [rf"\[ r^2-{factor(theorem.theta)}r-s={math(theorem.value)}<0, \]", r"and the equation has one root $\beta>0$."]
    return _framed(theorem.title, said, lines)


def law_theorem(theorem: LawTheorem) -> str:
    """Return the theorem about EControl with its proof."""
    distances = r",\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in theorem.distances.items())
    slow, fast = theorem.slowest, theorem.fastest
    said = [
        rf"Let $0<\mu<L$, $0<\delta<1$, $s=\sqrt{{1-\delta}}$, and ${math(theorem.rate)}$ the rate of EF21 at $\eta^\star$,",
        rf"${math(CLAIM.root)}$ the root of its equation. EControl with any weight $\eta\ne0$ and any step size $\gamma$ has, on",
        rf"$f_i=\mu x^2/2$ or $f_i=Lx^2/2$ with $C(v)={factor(slow.factor)}v$ or ${factor(fast.factor)}v$, an eigenvalue of",
        r"modulus larger than $\beta$ with the iterate taking part.",
    ]
    lines = [
        rf"Let ${distances}$ and $\chi_\sigma$ be the characteristic polynomial of a step with $C(v)=(1+\sigma s)v$.",
        rf"Then $\chi_\sigma(1-\eta)={math(theorem.corner)}$, so that a real root lies beyond $1-\eta$ unless $D,Z>0$. With",
        rf"\[ m={math(theorem.least)},\qquad l={math(theorem.most)} \]",
        rf"$\chi_-(\beta)={math(theorem.slow)}$ on ${math(slow.curvature)}$ and",
        rf"$\chi_+(-\beta)={math(theorem.fast)}$ on ${math(fast.curvature)}$,",
        "so no root",
        "lies beyond",
        r"$\pm\beta$ only if $\gamma\mu\ge m$ and $\gamma L\le l$. But",
        rf"\[ \frac{{\mu}}{{L}}={math(theorem.ratio)},\qquad \frac{{L}}{{\mu}}m-l={math(theorem.gap)}>0. \]",
        r"An eigenvector without $x$ vanishes, as $x^+=x-\gamma h^+$ and $h^+=(1+\sigma s)\,\eta\,e$ where $x=h=0$.",
    ]
    return _framed("EControl does not reach the rate of EF21", said, lines)


def decrease_theorem(theorem: DecreaseTheorem) -> str:
    """Return the theorem about decreases with the identity of either case and the state at larger step sizes."""
    most, limit, decrease = math(theorem.most), math(theorem.limit), factor(theorem.decrease)
    said = [
        r"Let all $f_i$ be $L$-smooth, their average $f$ bounded below by $f^\star$, and all compressors satisfy",
        r"$\|C(v)-v\|^2\le(1-\delta)\|v\|^2$, $0<\delta\le1$; $s=\sqrt{1-\delta}$; any number of agents. Some",
        rf"$\Phi=f-f^\star+{{}}$quadratic${{}}\ge0$ has $\Phi^+\le\Phi-{decrease}\|\nabla f(x)\|^2$ for all instances just if",
        rf"\[ \eta^2\le {most}, \]",
        rf"and one has $\Phi^+\le\Phi-a\|\nabla f(x)\|^2$ with some $a>0$ just if $\eta<{limit}$.",
    ]
    lines = [
        r"Write $q_{ab}\le0$ for the interpolation inequality of the points $a$ and $b$ ($0$ the iterate, $+$ the next one) and",
        r"$\mathcal{C}\le0$ for the compressor's, both averaged over the agents, $y=g^+-g$, and $m$ for the bound of $\eta^2$;",
        r"bars are averages over the agents, and $\operatorname{dev}(v)$ is the average of $\|v_i-\bar v\|^2$.",
    ]
    return _framed(
        theorem.title,
        said,
        [
            *lines,
            *(line for case in theorem.cases for line in _decrease_case(case, decrease)),
            *_reflection(theorem.reflection),
            rf"For $\eta\ge {limit}$ gradients on $f=Lx^2/2$ with $C(v)=(1+s)v$ need not vanish.",
        ],
    )


def _decrease_case(case: DecreaseCase, decrease: str) -> list[str]:
    """Return the identity of a case."""
    proof = case.proof
    claimed = "" if case.parts else rf"-{decrease}\|\bar g\|^2"
    lines = [
        rf"\paragraph{{{plain(case.name)}.}}",
        rf"With \[ \Phi=f(x)-f^\star+{'+'.join(squares_of(proof.lyapunov))} \]",
        r"\begin{align*}",
        rf"&\Phi-\Phi^+{claimed}{rows_of(proof.multipliers)}\\",
        rf"&\quad={broken(squares_of(proof.squares))},",
        r"\end{align*}",
        rf"and $\Phi\ge f(x)-f^\star\ge{factor(proof.domination.constant)}\|\bar g\|^2$.",
    ]
    parts = ",\\ ".join(math(part) for part in case.parts)
    said = [
        rf"Times ${parts}$ the vectors of the means add up to $\bar g$, so that their squares are at least $a\|\bar g\|^2$,",
        r"$a>0$.",
    ]
    return lines + (said if case.parts else [])


def _reflection(given: Reflection) -> list[str]:
    """Return the state whose step changes no quadratic."""
    lengths = r",\quad ".join(rf"\|{name}\|^2={math(text)}" for name, text in given.lengths.items())
    vectors = [
        rf"{vector_of(name, mean=False)}={'+'.join(f'{factor(text)}{along}' for along, text in each.items())}".replace("+-", "-")
        for name, each in given.vectors.items()
    ]
    return [
        r"\paragraph{Larger step sizes.} Up to the limit there is the state, all agents alike, with vectors at right angles,",
        rf"\[ {lengths}, \]",
        r"\[ " + r",\quad ".join(vectors) + r". \]",
        r"It satisfies every inequality, a step from it changes no quadratic of the features, and $f$ decreases by",
        rf"${math(given.missing)}>0$ less than is claimed.",
    ]
