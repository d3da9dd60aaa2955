"""Theorems about rates as files for the proof assistant Coq (8.16 or later, standard library only).

Each case becomes a theorem over the coordinates of its region and the Gram matrices of the step's vectors, one a block: where the
rows are at most zero, ``V+ <= rate V``. Squares are nonnegative by hypothesis, as they are for Gram matrices of real vectors;
nothing else is assumed but real numbers. The numbers are those that :mod:`efpep.theorems.identity` records of the method's own
step. A second theorem has the worst case: an admissible curvature and a linear compressor, on which the method's own step
multiplies a state, so that ``|x|^2`` is the rate to the power of the number of steps times what it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from efpep.methods import METHODS
from efpep.model.form import Form
from efpep.questions.quadratic.line import matrix
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import RecordedRateStep, recorded, with_step_size
from efpep.theorems.parameters import Parameters
from efpep.theorems.witness import ALONE

if TYPE_CHECKING:
    from efpep.theorems.rate_theorem import RateTheorem
    from efpep.theory.statement import Case

_HEAD = """From Coq Require Import Reals Lra.
Open Scope R_scope.

Ltac pos := match goal with
  | |- 0 < ?a + ?b => first [ apply Rplus_lt_le_0_compat; pos | apply Rplus_le_lt_0_compat; pos ]
  | |- 0 < ?a * ?b => apply Rmult_lt_0_compat; pos
  | |- 0 < ?a / ?b => apply Rdiv_lt_0_compat; pos
  | |- 0 < ?a ^ ?n => apply pow_lt; pos
  | |- 0 <= ?a + ?b => apply Rplus_le_le_0_compat; pos
  | |- 0 <= ?a * ?b => apply Rmult_le_pos; pos
  | |- 0 <= ?a / ?b => unfold Rdiv; apply Rmult_le_pos; [ pos | apply Rlt_le, Rinv_0_lt_compat; pos ]
  | |- 0 <= ?a ^ ?n => apply pow_le; pos
  | _ => lra
  end.
Ltac nonzero := repeat split; apply Rgt_not_eq; unfold Rgt; pos.
"""
_BLOCKS = ("g", "h")
"""The letters of the Gram matrices: of the means, and of the deviations."""


Entry = tuple[str | int, ...]
"""An entry of a Gram matrix, its letter first, or a function value."""


def rate_theorem(theorem: RateTheorem) -> str:
    """Return a file with the lemmas of every case."""
    parts = [f"(* {line} *)" for line in theorem.statement()]
    parts += ["(* g i j: Gram matrix of the averages; h i j: of the deviations from them, averaged over the agents. *)", _HEAD]
    parts += _instance_step(theorem.method)
    for k, case in enumerate(theorem.cases):
        parts.append(_Lemma(theorem, case, f"case{k + 1}").text())
    return "\n".join(parts)


def number(function: Function, closed: Sequence[str] = ()) -> str:
    """Return a rational function as a term of Coq."""
    top, bottom = (polynomial(side, function.field, closed) for side in (function.numerator, function.denominator))
    return top if bottom == "1" else f"({top}) / ({bottom})"


def polynomial(given: Any, field: FunctionField, closed: Sequence[str]) -> str:
    """Return a polynomial as the product of its factors where none has a negative coefficient, else as the sum of its terms."""
    constant, factors = given.factor()
    if constant > 0 and all(value > 0 for factor, _ in factors for value in factor.to_dict().values()):
        pieces = [f"({_terms(factor, field, closed)})" + (f"^{k}" if k > 1 else "") for factor, k in factors]
        scale = _rational(constant)
        return " * ".join(([scale] if scale != "1" or not pieces else []) + pieces)
    return _terms(given, field, closed)


def _terms(given: Any, field: FunctionField, closed: Sequence[str]) -> str:
    found: list[str] = []
    # what is positive because its coordinates are comes first
    terms = sorted(
        given.to_dict().items(), key=lambda term: any(k and n in closed for n, k in zip(field.names, term[0], strict=False))
    )
    for powers, value in terms:
        names = [f"{name}^{int(k)}" if int(k) > 1 else name for name, k in zip(field.names, powers, strict=False) if k]
        scale = _rational(value)
        found.append(" * ".join(names if scale == "1" and names else [scale, *names]))
    return " + ".join(found) or "0"


def _rational(value: Any) -> str:
    top, bottom = int(value.p), int(value.q)
    plain = str(top) if bottom == 1 else f"{top} / {bottom}"
    return f"({plain})" if top < 0 or bottom != 1 else plain


def _instance_step(key: str) -> list[str]:
    """Return the method's step where f is a parabola on the line and the compressor a multiple, over the iterate and memories."""
    field = FunctionField("curvature", "factor", "step")
    curvature, factor, step = field.symbols.values()
    method: Any = METHODS.find(key)()
    rows = matrix(with_step_size(method, step), ALONE, [curvature], [[factor]])
    names = ["x", *(memory.name for memory in method.memories)]
    after = [" + ".join(f"({number(field(a))}) * {name}" for a, name in zip(row, names, strict=True) if a != 0) for row in rows]
    kind, binder = " * ".join("R" for _ in names), "x" if len(names) == 1 else f"'({', '.join(names)})"
    return [
        "(* A step on f = curvature x^2/2 with C(v) = factor v. *)",
        f"Definition run (curvature factor step : R) : {kind} -> {kind} := fun {binder} => ({', '.join(after)}).",
        "",
    ]


def _entry(entry: Entry) -> str:
    return " ".join(map(str, entry))


class _Lemma:
    """One case."""

    def __init__(self, theorem: RateTheorem, case: Case, name: str) -> None:
        self.theorem, self.case, self.name = theorem, case, name
        self.values = Parameters(theorem.claim, case)
        method = METHODS.find(theorem.method)()
        self.record: RecordedRateStep = recorded(method, self.values, max(theorem.counts), theorem.claim.metric)
        self.field, self.images, self.closed = self.values.orthant

    def at(self, function: Function) -> Function:
        """Return a function at the coordinates."""
        return self.field.quotient(*self.field.composed(self.values.field(function), self.images))

    def written(self, function: Function) -> str:
        return number(self.at(function), self.closed)

    def text(self) -> str:
        """Return the case's section."""
        case, record, proof = self.case, self.record, self.case.proof
        names = self.field.names
        before, after = record.lyapunov(proof.lyapunov, proof.gaps)
        squares = self._squares()
        rows = {f"row{k}": record.rows({name: "1"}) for k, name in enumerate(proof.multipliers)}
        forms = {"V": before, "W": after} | rows | {f"square{k}": form for k, (_, _, form) in enumerate(squares)}
        numbers = {f"m{k}": self.values.value(text) for k, text in enumerate(proof.multipliers.values())}
        numbers |= {f"c{k}": self.values.value(text) for k, (_, text, _) in enumerate(squares)}
        lines = [f"(* {case.name}; W is V after the step. *)", f"Section {self.name}.", f"Variables {' '.join(names)} : R."]
        lines += [f"Hypothesis P{n} : 0 {'<=' if n in self.closed else '<'} {n}." for n in names]
        lines += ["Variables g h : nat -> nat -> R.", "Variable F : nat -> R.", "Hypothesis values : forall k, 0 <= F k."]
        lines += [f"(* {name} = {number(image, self.closed)} *)" for name, image in self.images.items()]
        entries = {name: self._entries(form) for name, form in forms.items()}
        for name, found in entries.items():
            lines += [f"Definition {self._name(name, entry)} := {self.written(value)}." for entry, value in found.items()]
        for name, found in entries.items():
            sums = [f"{self._name(name, entry)} * {_entry(entry)}" for entry in found]
            lines.append(f"Definition {self.name}_{name} := {' + '.join(sums) or '0'}.")
        for name, value in {**numbers, "rate": self.values.names["rate"]}.items():
            lines += [f"Definition {self.name}_{name} := {self.written(value)}.", *self._sign(name)]
        lines += [f"Hypothesis S{k} : 0 <= {self.name}_square{k}. (* {about} *)" for k, (about, _, _) in enumerate(squares)]
        lines += [*self._identity(entries), *self._decrease(len(rows), len(squares)), *self._attained()]
        return "\n".join([*lines, f"End {self.name}.", ""])

    def _name(self, form: str, entry: Entry) -> str:
        return f"{self.name}_{form}_{'_'.join(map(str, entry))}"

    def _entries(self, form: Form) -> dict[Entry, Function]:
        """Return the coefficients of the entries of Gram matrices, and of function values."""
        found: dict[Entry, Function] = {}
        for block, entries in sorted(form.blocks.items()):
            found |= {
                (_BLOCKS[block], i, j): self.values.field(v if i == j else 2 * v)
                for (i, j), v in sorted(entries.items())
                if v != 0
            }
        return found | {("F", k): self.values.field(value) for k, value in sorted(form.values.items()) if value != 0}

    def _identity(self, entries: Mapping[str, Mapping[Entry, Function]]) -> list[str]:
        """Return the identity, entry by entry and then together."""
        rows = [name for name in entries if name.startswith("row")]
        squares = [name for name in entries if name.startswith("square")]
        places = list(dict.fromkeys(entry for found in entries.values() for entry in found))
        lines: list[str] = []
        differences: list[str] = []
        for entry in places:
            weights = [("", "V", f"{self.name}_rate * "), (" - ", "W", "")]
            weights += [(" + ", name, f"{self.name}_m{name[3:]} * ") for name in rows]
            weights += [(" - ", name, f"{self.name}_c{name[6:]} * ") for name in squares]
            terms = [(sign, name, weight) for sign, name, weight in weights if entry in entries[name]]
            difference = "0" + "".join(f"{sign or ' + '}{weight}{self._name(name, entry)}" for sign, name, weight in terms)
            used = [f"{self.name}_{what}" for what in ("rate", *(f"m{n[3:]}" for n in rows), *(f"c{n[6:]}" for n in squares))]
            used += [self._name(name, entry) for _, name, _ in terms]
            label = f"{self.name}_at_{'_'.join(map(str, entry))}"
            lines += [f"Lemma {label} : {difference} = 0.", f"Proof. unfold {', '.join(used)}. field; nonzero. Qed."]
            differences.append(f"({difference}) * {_entry(entry)}")
        left = f"{self.name}_rate * {self.name}_V - {self.name}_W" + "".join(
            f" + {self.name}_m{n[3:]} * {self.name}_{n}" for n in rows
        )
        right = " + ".join(f"{self.name}_c{n[6:]} * {self.name}_{n}" for n in squares) or "0"
        unfolded = ", ".join(f"{self.name}_{name}" for name in entries)
        lines += [f"Lemma {self.name}_identity : {left} = {right}.", "Proof."]
        lines += [f"  assert (E : ({left}) - ({right}) = {' + '.join(differences) or '0'}) by (unfold {unfolded}; ring)."]
        lines += ["".join(f"  rewrite {self.name}_at_{'_'.join(map(str, entry))} in E." for entry in places) + " lra.", "Qed."]
        return lines

    def _decrease(self, rows: int, squares: int) -> list[str]:
        """Return the theorem."""
        name = self.name
        given = "".join(f"{name}_row{k} <= 0 -> " for k in range(rows))
        lines = [
            f"Theorem {name}_decrease : {given}{name}_W <= {name}_rate * {name}_V.",
            f"Proof. intros. pose proof {name}_identity as E.",
        ]
        part = "(apply Rmult_le_pos; [apply {0}_sign | {1}])"
        for k in range(rows):
            sign = part.format(f"{name}_m{k}", "lra")
            lines += [f"  assert (0 <= {name}_m{k} * - {name}_row{k}) by {sign}."]
        for k in range(squares):
            sign = part.format(f"{name}_c{k}", f"apply S{k}")
            lines += [f"  assert (0 <= {name}_c{k} * {name}_square{k}) by {sign}."]
        return [*lines, "  lra.", "Qed."]

    def _attained(self) -> list[str]:
        """Return the theorem that the worst case attains the rate."""
        name, instance, values = self.name, self.case.instance, self.values
        numbers = {"mu": values.names["mu"], "L": values.names["L"], "s": values.names["s"]}
        numbers |= {"factor": values.value(instance.factor), "multiple": values.value(instance.multiple)}
        state = {f"start_{memory}": values.value(text) for memory, text in instance.state.items()}
        order = [f"start_{memory}" for memory in ("x", *(m.name for m in METHODS.find(self.theorem.method)().memories))]
        lines = [f"Definition {name}_{what} := {self.written(value)}." for what, value in {**numbers, **state}.items()]
        curvature, eta = f"{name}_{instance.curvature}", number(self.at(values.names["eta"]))
        unfolded = ", ".join(f"{name}_{what}" for what in (*numbers, *state))
        run = f"run {curvature} {name}_factor {eta}"
        start = f"({', '.join(f'{name}_{what}' for what in order)})"
        scaled = [f"({', '.join(f'{factor} * {name}_{what}' for what in order)})" for factor in ("v", f"({name}_multiple * v)")]
        reached = f"({', '.join(f'{name}_multiple ^ k * {name}_{what}' for what in order)})"
        first = "(fst ({0}))" if len(order) > 1 else "({0})"
        each = "apply f_equal2" if len(order) > 1 else "idtac"
        lines += [
            f"Lemma {name}_admissible : 0 < {name}_mu /\\ 0 <= {name}_L - {name}_mu /\\ ({name}_factor - 1)^2 = {name}_s^2.",
            f"Proof. unfold {name}_factor, {name}_s. repeat split; [unfold {name}_mu; pos | | field; nonzero].",
            f"  replace ({name}_L - {name}_mu) with ({self.written(values.names['L'] - values.names['mu'])}); [pos|].",
            f"  unfold {name}_L, {name}_mu. field; nonzero. Qed.",
            f"Lemma {name}_eigenvector v : {run} {scaled[0]} = {scaled[1]}.",
            f"Proof. unfold run, {unfolded}; cbv beta iota; {each}; field; nonzero. Qed.",
            f"Theorem {name}_attained : 0 < {name}_start_x /\\ forall k,",
            f"  {first.format(f'Nat.iter k ({run}) {start}')}^2 = {name}_rate ^ k * {name}_start_x^2.",
            f"Proof. split; [unfold {name}_start_x; pos|]. intros k.",
            f"  assert (E : Nat.iter k ({run}) {start} = {reached}).",
            f"  {{ induction k as [|k IH]; [cbv [Nat.iter nat_rect pow]; {each}; ring|].",
            "    change (Nat.iter (S k) ?f ?z) with (f (Nat.iter k f z)).",
            f"    rewrite IH, {name}_eigenvector. cbn [pow]. {each}; ring. }}",
            f"  rewrite E; cbn [fst]. replace {name}_rate with ({name}_multiple^2) by",
            f"    (unfold {name}_rate, {name}_multiple; field; nonzero).",
            "  rewrite Rpow_mult_distr, <- !pow_mult, (Nat.mul_comm k 2). reflexivity. Qed.",
        ]
        return lines

    def _sign(self, name: str) -> Sequence[str]:
        return [f"Lemma {self.name}_{name}_sign : 0 <= {self.name}_{name}.", f"Proof. unfold {self.name}_{name}. pos. Qed."]

    def _squares(self) -> list[tuple[str, str, Form]]:
        """Return the squares of all blocks: what they are of, their coefficients, and the squared norms as forms."""
        found: list[tuple[str, str, Form]] = []
        for block in self.record.blocks:
            for square in self.case.proof.squares.get(block.name, ()):
                vector: Mapping[str, str] = square.vector
                about = " + ".join(f"({text}) {name}" for name, text in vector.items())
                form = self.record.square(block.name, type(square)("1", vector))
                found.append((f"{block.name}: the square of {about}", square.coefficient, form))
        return found
