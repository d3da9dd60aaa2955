"""Theorems and their proofs in LaTeX: the statement, the weighted sum of inequalities, and the squares written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from efpep.report.latex import escaped
from efpep.theory import formula

if TYPE_CHECKING:
    from efpep.theorems.found import FoundTheorem
    from efpep.theorems.rate_theorem import RateTheorem
    from efpep.theory.statement import Case, Instance, Proof, SquaredVector, SquareSums

_PREAMBLE = r"""\documentclass{article}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\newtheorem{theorem}{Theorem}
\allowdisplaybreaks
\begin{document}
"""
_NOTATION = (
    r"Write $q_{ab}\le0$ for the interpolation inequality of the points $a$ and $b$ ($\star$ the minimiser, $0$ the",
    r"iterate, $+$ the next one) and $\mathcal{C}\le0$ for the compressor's, both averaged over the agents,",
    r"$g=\nabla f_i(x)-\nabla f_i(x^\star)$, and $+$ for what is after the step; bars are averages over the agents, and",
    r"$\operatorname{dev}(v)$ is the average of $\|v_i-\bar v\|^2$.",
)
_POINTS = {"*": r"\star", "0": "", "1": "+"}


def document(theorems: Sequence[str]) -> str:
    """Return a document that contains theorems."""
    return _PREAMBLE + "\n" + "\n\n".join(theorems) + "\n\n\\end{document}\n"


def math(text: str) -> str:
    """Return a formula in mathematics mode's language."""
    return formula.latex(formula.tree(text))


def rate_theorem(theorem: RateTheorem) -> str:
    """Return a theorem about rates with its proof, case by case."""
    claim = theorem.claim
    root = formula.symbol(claim.root)
    branches = r",\ ".join(math(branch) for branch in claim.branches)
    left = theorem.claim.equation.removesuffix(" = 0")
    limit, best = math(claim.limit), math(claim.step_size)
    said = [
        r"Let all $f_i$ be $L$-smooth and $\mu$-strongly convex, $0<\mu\le L$, and all compressors satisfy",
        r"$\|C(v)-v\|^2\le(1-\delta)\|v\|^2$, $0<\delta\le1$; $s=\sqrt{1-\delta}$; " + theorem.agents + ".",
        rf"For $0<\eta<{limit}$ let $\theta=\max\left\{{{branches}\right\}}$, and let ${root}$ be",
        rf"the largest root of ${math(left)}=0$. Then $\|x^t-x^\star\|^2=O(({math(claim.rate)})^t)$, and no smaller rate holds.",
        rf"The best step size is $\eta={best}$; for $\eta\ge{limit}$ the method need not converge.",
    ]
    body = [
        rf"\begin{{theorem}}[{theorem.title}]",
        *said,
        r"\end{theorem}",
        r"\begin{proof}",
        *_NOTATION,
        rf"The given curvature solves ${math(left)}=0$.",
    ]
    for case in theorem.cases:
        body += _case(theorem, case)
    return "\n".join([*body, r"\end{proof}"])


def found_theorem(theorem: FoundTheorem) -> str:
    """Return a theorem that the search found, with its proof."""
    curvatures = r",\qquad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in theorem.curvatures.items())
    number = "any number of agents" if theorem.counts == (1, 2) else "one agent"
    region = theorem.where.replace("beta", r"\beta ").replace("<=", r"\le ")
    lines = [
        rf"\begin{{theorem}}[{escaped(theorem.name)}]",
        rf"Let ${region}$, $s=\sqrt{{1-\delta}}$ and $\eta>0$, let all $f_i$ be $L$-smooth and $\mu$-strongly convex with",
        rf"\[ {curvatures}, \] and let all compressors satisfy",
        rf"$\|C(v)-v\|^2\le(1-\delta)\|v\|^2$. With {number} the exact rate is $\beta^2$.",
        r"\end{theorem}",
        r"\begin{proof}",
        *_NOTATION,
        *_identity(r"\beta^{2}", theorem.proof),
        *(line for instance in theorem.instances for line in _instance(instance)),
        r"\end{proof}",
    ]
    return "\n".join(lines)


def _case(theorem: RateTheorem, case: Case) -> list[str]:
    given = {**case.solved, **{k: v for k, v in case.where.items() if k not in case.solved}}
    where = ",\\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in given.items())
    head = rf"\paragraph{{{plain(case.name)}.}} Here ${where}$."
    return [head, *_identity(math(theorem.claim.rate), case.proof), *_instance(case.instance), ""]


def _identity(rate: str, proof: Proof) -> list[str]:
    """Return the decrease and the domination."""
    metric = proof.domination
    return [
        rf"With \[ V={_sum(squares_of(proof.lyapunov) + _gaps(proof.gaps))} \]",
        r"the decrease is the identity",
        r"\begin{align*}",
        rf"&{rate}\,V-V^+{rows_of(proof.multipliers)}\\",
        rf"&\quad={broken(squares_of(proof.squares))},",
        r"\end{align*}",
        r"and $V$ dominates the metric because",
        r"\begin{align*}",
        rf"&V-{factor(metric.constant)}\|x-x^\star\|^2{rows_of(metric.multipliers)}\\",
        rf"&\quad={broken(squares_of(metric.squares))}{_values(proof)}.",
        r"\end{align*}",
    ]


def _instance(instance: Instance) -> list[str]:
    state = r",\quad ".join(f"{formula.symbol(name)}={math(text)}" for name, text in instance.state.items())
    return [
        rf"On $f_i={math(instance.curvature)}\,x^2/2$ with $C(v)=({math(instance.factor)})\,v$",
        rf"a step multiplies the state ${state}$ by ${math(instance.multiple)}$.",
    ]


def _values(proof: Proof) -> str:
    return r"+F,\qquad F=f(x)-f^\star-\tfrac{\mu}{2}\|x-x^\star\|^2\ge0" if proof.gaps else ""


def plain(text: str) -> str:
    """Return the name of a case, its formulas in mathematics mode."""
    words = {"eta >= eta*": r"$\eta\ge\eta^\star$", "eta <= eta*": r"$\eta\le\eta^\star$", "mu = L": r"$\mu=L$"}
    words |= {"mu < L": r"$\mu<L$", "delta = 1": r"$\delta=1$", "delta < 1": r"$\delta<1$"}
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def rows_of(multipliers: Mapping[str, str]) -> str:
    """Return the sum of multipliers times inequalities, beginning with a sign."""
    pieces: list[str] = []
    for name, text in multipliers.items():
        kind, _, about = name.rstrip(")").partition("(")
        row = r"\mathcal{C}"
        if kind == "interpolation":
            a, b = about.split(",")
            row = f"q_{{{_POINTS[a] or 0},{_POINTS[b] or 0}}}"
        pieces.append(f"+{factor(text)}{row}")
    return "".join(pieces)


def factor(text: str) -> str:
    """Return a formula as a factor, nothing for 1."""
    found = math(text)
    tree = formula.tree(text)
    if found in ("1", "-1"):
        return found[:-1]
    return rf"\left({found}\right)\," if formula.is_sum(tree) else rf"{found}\,"


def _gaps(gaps: Mapping[str, str]) -> list[str]:
    return [f"{factor(text)}({name}(x)-{name}^\\star)" for name, text in gaps.items()]


def squares_of(squares: SquareSums) -> list[str]:
    """Return squares, each with its coefficient."""
    return [_square(square, mean=block == "mean") for block, each in squares.items() for square in each]


def _square(square: SquaredVector, *, mean: bool) -> str:
    terms = "+".join(f"{factor(text)}{vector_of(name, mean=mean)}" for name, text in square.vector.items()).replace("+-", "-")
    inside = rf"\left\|{terms}\right\|^2" if mean else rf"\operatorname{{dev}}\left({terms}\right)"
    return f"{factor(square.coefficient)}{inside}"


def vector_of(name: str, *, mean: bool) -> str:
    """Return a vector, with a bar where it is the agents' average."""
    after = "^{+}" if name.endswith("+") else ""
    base = name.rstrip("+")
    letters = {"x": rf"(x{after}-x^\star)", "g-d": f"(g{after}-d{after})"}
    plain = letters.get(base, f"{base}{after}")
    return rf"\overline{{{plain}}}" if mean and base != "x" else plain


def _sum(terms: list[str]) -> str:
    return "+".join(terms) or "0"


def broken(terms: list[str]) -> str:
    """Return a sum with one term a line."""
    return "\\\\\n&\\qquad+".join(terms) or "0"
