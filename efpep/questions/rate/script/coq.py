"""Rate certificates as files for the proof assistant Coq (8.16 or later, standard library only).

A file has the upper end of one certificate: the numbers, a checker in rational arithmetic, its soundness proof, and the theorem
that V decreases. It speaks of the columns of the step as vectors ``e k`` of any inner-product space: the server's vectors
and averages over agents, then for each group the deviations from its averages, as vectors of the sum of the server's space and
those of the families of deviations with the averaged inner product. Rows, such as the interpolation inequalities and those of
compressors, are hypotheses of the theorem; nothing else is assumed but that function values ``val k`` are nonnegative, and the
real numbers of Coq's library. Nothing in this module is trusted: Coq computes the identity and the signs anew.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.form import Form, inner, square
from efpep.model.linear import Linear
from efpep.model.row import Row
from efpep.model.sample import Sample
from efpep.model.system import Matrix, Relation
from efpep.model.vector import Part
from efpep.proof.conditions import relation_form
from efpep.proof.witness import UpperWitness
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.rate.question import RateCertificate
from efpep.questions.rate.script.coq_checker import CHECKER
from efpep.questions.rate.script.coq_squares import squares
from efpep.questions.rate.script.observation import Observation, label_of, observe

_THEOREMS = """
Section Theorems.
Context {W : space}.
(* The columns and the function values of one step, whose rows hold. *)
Definition step_of (e : nat -> W) (val : nat -> R) :=
  (forall k, 0 <= val k) /\\ all_hold (rows step) e val /\\ all_hold (rows state) e val.
Theorem contracts : forall e val, step_of e val ->
  value V_after e val + Q2R margin * value metric e val <= Q2R rate * value V_before e val.
Proof.
  intros e val (P & R & _). pose proof (sound e val step step_checked P R) as H. cbn [claimed step] in H.
  rewrite !value_minus, !value_scale in H. lra.
Qed.
Theorem nonnegative : forall e val, step_of e val -> 0 <= value V_before e val.
Proof. intros e val (P & _ & R). exact (sound e val state state_checked P R). Qed.
(* Steps one after the other: V after a step is V before the next one. *)
Theorem decays : forall (e : nat -> nat -> W) (val : nat -> nat -> R), (forall t, step_of (e t) (val t)) ->
  (forall t, 0 <= value metric (e t) (val t)) -> (forall t, value V_after (e t) (val t) = value V_before (e (S t)) (val (S t))) ->
  forall t, value V_before (e t) (val t) <= Q2R rate ^ t * value V_before (e O) (val O) /\\
    Q2R margin * value metric (e t) (val t) <= Q2R rate ^ S t * value V_before (e O) (val O).
Proof.
  intros e val H M A. assert (r0 : 0 <= Q2R rate) by (apply nonneg_R; reflexivity).
  assert (m0 : 0 <= Q2R margin) by (apply nonneg_R; reflexivity).
  assert (I : forall t, value V_before (e t) (val t) <= Q2R rate ^ t * value V_before (e O) (val O)).
  { induction t as [|t IH]; [simpl; lra|]. pose proof (contracts _ _ (H t)) as C. rewrite A in C.
    assert (0 <= Q2R margin * value metric (e t) (val t)) by (apply Rmult_le_pos; [exact m0 | apply M]).
    apply (Rmult_le_compat_l (Q2R rate)) in IH; [|exact r0]. simpl. lra. }
  intros t. split; [apply I|]. pose proof (contracts _ _ (H t)) as C. rewrite A in C. pose proof (nonnegative _ _ (H (S t))).
  specialize (I t). apply (Rmult_le_compat_l (Q2R rate)) in I; [|exact r0]. simpl. lra.
Qed.
End Theorems.
Print Assumptions decays.
"""


def write_coq(certificate: RateCertificate) -> str:
    """Return a file in which Coq proves the upper end of a certificate. The same certificate gives the same text.

    Raises:
        InputError: the certificate has no upper end.
        CertificateError: its numbers do not prove one.
    """
    witness = certificate.upper
    if witness is None:
        raise InputError("--coq writes why V decreases, and this certificate has no upper end; leave it out.")
    question = certificate.question
    observation = observe(certificate.method, certificate.setting, question.metric, question.lyapunov_class)
    writer = _Writer(observation)
    said = [line for part in (certificate.sentence(), _COLUMNS) for line in textwrap.wrap(part, 110)]
    about = "\n   ".join([*said, *writer.named()]).replace("(*", "( *").replace("*)", "* )")
    return "\n".join([f"(* {about} *)", CHECKER, *writer.data(question.inequalities, witness), _THEOREMS])


_COLUMNS = (
    "The columns e k are vectors of the sum of the server's space, which has averages over a group of agents, and of the spaces "
    "of families of deviations from these averages, with the inner product averaged over the group:"
)


class _Writer:
    """What a file is written with: the places of columns and values."""

    def __init__(self, observation: Observation) -> None:
        self.observation, self.question = observation, observation.question
        used: dict[int, set[int]] = {block.index: set(block.columns) for block in self.question.blocks}
        forms = [self.question.metric, *(row.form for row in self.question.rows)]
        for form in forms:
            for index, entries in form.blocks.items():
                used.setdefault(index, set()).update(j for pair in entries for j in pair)
        for group, part in observation.vectors():
            for index, linear in ((0, part.mean), (group + 1, part.deviation)):
                used.setdefault(index, set()).update(linear.terms)
        places = [(index, j) for index in sorted(used) for j in sorted(used[index])]
        self.places = {place: k for k, place in enumerate(places)}
        self.points: dict[tuple[int, str], str] = {}

    def named(self) -> list[str]:
        """Return what the columns and values are called."""
        columns = [
            f"e {k} = {'' if i == 0 else 'deviation of '}{self.question.columns[i][j].name}" for (i, j), k in self.places.items()
        ]
        values = [f"val {k} = {name}" for k, name in enumerate(self.question.values)]
        return textwrap.wrap(", ".join([*columns, *values]) + ".", 110)

    # --- vectors and forms -------------------------------------------------------------------------------------------------

    def linear(self, index: int, vector: Linear) -> str:
        """Return a vector of one block."""
        return _row({self.places[index, j]: a for j, a in vector.terms.items()})

    def part(self, part: Part, group: int) -> str:
        """Return the vector of a group's agents by its parts."""
        return f"[{self.linear(0, part.mean)}; {self.linear(group + 1, part.deviation)}]"

    def form(self, form: Form) -> str:
        """Return any form, as the inner products of columns."""
        pieces = [
            f"({_rational(a if i == j else 2 * a)}, {self.linear(index, Linear({i: 1}))}, {self.linear(index, Linear({j: 1}))})"
            for index, entries in sorted(form.blocks.items())
            for (i, j), a in sorted(entries.items())
            if a != 0
        ]
        return f"([{'; '.join(pieces)}], {_row(form.values)})"

    def matrix(self, form: Form) -> tuple[list[tuple[int, int]], list[list[Fraction]]]:
        """Return the columns in which a form has entries, and its matrix over them."""
        kept = sorted({(index, j) for index, entries in form.blocks.items() for key in entries for j in key})
        rows = [
            [Fraction(form.blocks[a].get((min(i, j), max(i, j)), 0)) if a == b else Fraction(0) for b, j in kept] for a, i in kept
        ]
        return kept, rows

    def squares(self, form: Form) -> str:
        """Return a positive semidefinite form as squares."""
        kept, rows = self.matrix(form)
        found = [
            f"({_rational(pivot)}, {_row({self.places[place]: a for place, a in zip(kept, line, strict=True)})})"
            for pivot, line in squares(rows)
        ]
        return f"[{(';' + chr(10) + '  ').join(found)}]"

    # --- rows ----------------------------------------------------------------------------------------------------------------

    def row(self, row: Row) -> str:
        """Return a row by the formula of its class, where there is one with its form; else its form."""
        group = row.origin.group or 0
        if row.origin.inequality == "interpolation" and not row.equality:
            samples = {sample.label: sample for sample in self.observation.samples[group]}
            a, b = (samples[label] for label in row.origin.about)
            functions = self.observation.functions[group]
            if functions.smoothness > functions.curvature:
                half = 1 / (2 * Fraction(functions.smoothness - functions.curvature))
                jump = a.shape - b.shape
                form = b.excess - a.excess + inner(b.shape, a.x - b.x, group) + half * square(jump, group)
                if _same(form, row.form):
                    return f"interpolation {self._point(group, a)} {self._point(group, b)} {_rational(half)}"
        if row.origin.inequality == "compression":
            uses = [use for use in self.observation.uses if (use.number, use.group) == (row.origin.about[0], row.origin.group)]
            for use in uses:
                epsilon = 1 - Fraction(use.compressor.contraction or 1)
                if _same(square(use.loss, group) - epsilon * square(use.v, group), row.form):
                    return f"compression {self.part(use.v, group)} {self.part(use.loss, group)} {_rational(epsilon)}"
        return self.form(row.form)

    def _point(self, group: int, sample: Sample) -> str:
        several = len(self.observation.samples) > 1
        name = label_of(sample.label, group, several=several).replace("*", "star").replace("[", "_").replace("]", "")
        vectors = f"{self.part(sample.x, group)} {self.part(sample.shape, group)}"
        self.points[group, sample.label] = f"Definition p_{name} := Point {vectors} {_row(sample.excess.values)}."
        return f"p_{name}"

    def rows(self, name: str, rows: Sequence[Row], multipliers: Sequence[Fraction]) -> list[str]:
        """Return the definitions of the rows that a relation uses, and their list."""
        used = [(row, number) for row, number in zip(rows, multipliers, strict=True) if number != 0]
        lines: list[str] = []
        for k, (row, number) in enumerate(used):
            said = row.name.replace("(*", "( *").replace("*)", "* )")
            lines.append(
                f"(* {said} {'= 0' if row.equality else '<= 0'} *)\nDefinition {name}_{k} : quantity := {self.row(row)}."
            )
            lines.append(f"Definition {name}_multiplier_{k} : Q := {_rational(number)}.")
        listed = [
            f"({'equality' if row.equality else 'inequality'}, {name}_{k}, {name}_multiplier_{k})"
            for k, (row, _) in enumerate(used)
        ]
        return [*lines, f"Definition {name}s : list (kind * quantity * Q) := [{'; '.join(listed)}]."]

    # --- the certificate -----------------------------------------------------------------------------------------------------

    def data(self, inequalities: StepInequalities, witness: UpperWitness) -> list[str]:
        """Return the numbers of a certificate, and that the checker accepts them."""
        system = inequalities.system
        lines = [f"Definition rate : Q := {_rational(witness.theta)}.", f"Definition margin : Q := {_rational(witness.margin)}."]
        lines.append(f"Definition metric : quantity := {self.form(inequalities.metric)}.")
        lines += self._lyapunov(inequalities, witness)
        forms = [relation_form(system, i, witness) for i in range(len(system.relations))]
        step = self.rows("step_row", system.relations[0].rows, witness.multipliers[0])
        # V is nonnegative by its weights alone, or where they may have any sign by the second relation
        free: Sequence[Relation] = system.relations[1:]
        state = self.rows("state_row", free[0].rows, witness.multipliers[1]) if free else self.rows("state_row", (), ())
        before = forms[1] if free else inequalities.lyapunov(Weights(witness.weights, witness.gaps))[0]
        lines += self.points.values()
        lines += [*step, f"Definition step_squares : list (Q * lin) := {self.squares(forms[0])}."]
        claimed = "(minus (minus (scale rate V_before) V_after) (scale margin metric))"
        lines.append(f"Definition step := Relation {claimed} step_rows step_squares.")
        lines += [*state, f"Definition state_squares : list (Q * lin) := {self.squares(before)}."]
        lines.append("Definition state := Relation V_before state_rows state_squares.")
        checked = "Lemma {0}_checked : check {0} = true. Proof. vm_cast_no_check (eq_refl true). Qed."
        return [*lines, *(checked.format(name) for name in ("step", "state"))]

    def _lyapunov(self, inequalities: StepInequalities, witness: UpperWitness) -> list[str]:
        """Return V before and after the step: the same weights and gaps, on the features before and after it."""
        lines: list[str] = []
        for block, weights in zip(inequalities.blocks, witness.weights, strict=True):
            lines.append(f"(* {block.name}: {', '.join(feature.name for feature in block.features)} *)")
            lines.append(f"Definition weights_{block.index} := {_matrix(weights)}.")
        for when in ("before", "after"):
            terms: list[str] = []
            for block in inequalities.blocks:
                vectors = [self.linear(block.index, getattr(feature, when)) for feature in block.features]
                terms.append(f"quadratic weights_{block.index} [{'; '.join(vectors)}]")
            for gap, number in zip(inequalities.gaps, witness.gaps, strict=True):
                terms.append(f"scale {_rational(number)} {self.form(getattr(gap, when))}")
            lines.append(f"Definition V_{when} : quantity :=\n  {_added(terms)}.")
        return lines


def _same(left: Form, right: Form) -> bool:
    difference = left - right
    entries = [a for each in difference.blocks.values() for a in each.values()]
    return not any((*entries, *difference.values.values()))


def _rational(number: Fraction) -> str:
    return f"({number.numerator}#{number.denominator})"


def _row(terms: Mapping[int, Fraction]) -> str:
    size = 1 + max((k for k, a in terms.items() if a != 0), default=-1)
    return f"[{';'.join(_rational(Fraction(terms.get(k, 0))) for k in range(size))}]"


def _matrix(rows: Matrix) -> str:
    return f"[{'; '.join(_list(row) for row in rows)}]"


def _list(numbers: Iterable[Fraction]) -> str:
    return f"[{';'.join(_rational(Fraction(a)) for a in numbers)}]"


def _added(terms: Sequence[str]) -> str:
    return "([], [])" if not terms else terms[0] if len(terms) == 1 else f"add ({terms[0]}) ({_added(terms[1:])})"
