"""The part of a file for Coq that is the same for all certificates: a checker of relations in rationals, proved sound.

What the checker accepts holds in every inner-product space; the proof is Coq's, on the standard library alone.
"""

CHECKER = r"""From Coq Require Import Reals Lra List QArith Qreals Bool.
Import ListNotations.
Open Scope R_scope.

(* What is used of an inner-product space. *)
Record space := Space { vec :> Type; vadd : vec -> vec -> vec; smul : R -> vec -> vec; ip : vec -> vec -> R;
  ip_sym : forall u v, ip u v = ip v u; ip_add : forall u v w, ip (vadd u v) w = ip u w + ip v w;
  ip_smul : forall a u v, ip (smul a u) v = a * ip u v; ip_pos : forall u, 0 <= ip u u }.
Arguments vadd {_}. Arguments smul {_}. Arguments ip {_}.

(* Linear combinations of columns; sums of multiples of inner products of such; those with multiples of values besides. *)
Definition lin := list Q.
Definition form := list (Q * lin * lin).
Definition quantity := (form * lin)%type.
Fixpoint comb {W : space} (l : lin) (e : nat -> W) : W :=
  match l with [] => smul 0 (e O) | a :: t => vadd (smul (Q2R a) (e O)) (comb t (fun i => e (S i))) end.
Fixpoint eval {W : space} (f : form) (e : nat -> W) : R :=
  match f with [] => 0 | (q, l, m) :: t => Q2R q * ip (comb l e) (comb m e) + eval t e end.
Fixpoint lsum (l : lin) (h : nat -> R) : R := match l with [] => 0 | a :: t => Q2R a * h O + lsum t (fun i => h (S i)) end.
Definition value {W : space} (q : quantity) (e : nat -> W) (val : nat -> R) : R := eval (fst q) e + lsum (snd q) val.

Definition qadd (a b : Q) : Q := Qred (a + b)%Q.
Definition qmul (a b : Q) : Q := Qred (a * b)%Q.
Fixpoint ladd (l m : lin) : lin := match l, m with [], _ => m | _, [] => l | a :: t, b :: u => qadd a b :: ladd t u end.
Definition lmul (a : Q) (l : lin) : lin := map (qmul a) l.
Definition scale (a : Q) (q : quantity) : quantity := (map (fun '(b, l, m) => (qmul a b, l, m)) (fst q), lmul a (snd q)).
Definition add (p q : quantity) : quantity := (fst p ++ fst q, ladd (snd p) (snd q)).
Definition minus (p q : quantity) : quantity := add p (scale (-1) q).

(* Vectors of agents by their parts: the average, and the deviations from it. Inner products are averages over the agents. *)
Definition vector := list lin.
Definition inner (a : Q) (u v : vector) : form := map (fun '(l, m) => (a, l, m)) (combine u v).
Definition vsub (u v : vector) : vector := map (fun '(l, m) => ladd l (lmul (-1) m)) (combine u v).
Record point := Point { x_ : vector; u_ : vector; F_ : lin }.
(* F_b - F_a + <u_b, x_a - x_b> + h |u_a - u_b|^2, which is at most 0 for points of a smooth convex function, h = 1/(2 L). *)
Definition interpolation (a b : point) (h : Q) : quantity :=
  (inner 1 (u_ b) (vsub (x_ a) (x_ b)) ++ inner h (vsub (u_ a) (u_ b)) (vsub (u_ a) (u_ b)), ladd (F_ b) (lmul (-1) (F_ a))).
(* |loss|^2 - epsilon |v|^2, which is at most 0 for compressors that lose no more. *)
Definition compression (v loss : vector) (epsilon : Q) : quantity := (inner 1 loss loss ++ inner (- epsilon) v v, []).
(* sum W_ij <u_i, u_j> *)
Definition quadratic (weights : list (list Q)) (features : list lin) : quantity :=
  (flat_map (fun '(w, u) => map (fun '(a, v) => (a, u, v)) (combine w features)) (combine weights features), []).

(* A relation: what is claimed to be nonnegative; rows that are at most zero, or zero, with multipliers; squares. *)
Inductive kind := inequality | equality.
Record relation := Relation { claimed : quantity; rows : list (kind * quantity * Q); squares : list (Q * lin) }.
Definition holds {W : space} (e : nat -> W) (val : nat -> R) (row : kind * quantity * Q) : Prop :=
  match row with (inequality, q, _) => value q e val <= 0 | (equality, q, _) => value q e val = 0 end.
Fixpoint all_hold {W : space} (l : list (kind * quantity * Q)) (e : nat -> W) (val : nat -> R) : Prop :=
  match l with [] => True | row :: t => holds e val row /\ all_hold t e val end.

Fixpoint madd (M N : list lin) : list lin := match M, N with [], _ => N | _, [] => M | l :: t, m :: u => ladd l m :: madd t u end.
Definition outer (a : Q) (l m : lin) : list lin := map (fun x => if Qeq_bool x 0 then [] else lmul (qmul a x) m) l.
Fixpoint twice (f : form) : list lin :=
  match f with [] => [] | (q, l, m) :: t => madd (madd (outer q l m) (outer q m l)) (twice t) end.
Definition zero_form (f : form) := forallb (forallb (fun a => Qeq_bool a 0)) (twice f).
Definition nonneg (q : Q) := Qle_bool 0 q.
Definition square_sum (s : list (Q * lin)) : quantity := (map (fun '(q, l) => (q, l, l)) s, []).
Fixpoint row_sum (l : list (kind * quantity * Q)) : quantity :=
  match l with [] => ([], []) | (_, q, a) :: t => add (scale a q) (row_sum t) end.
Definition signed (row : kind * quantity * Q) : bool :=
  match row with (inequality, _, a) => nonneg a | (equality, _, _) => true end.
Definition check (r : relation) : bool := let left := minus (add (claimed r) (row_sum (rows r))) (square_sum (squares r)) in
  forallb signed (rows r) && forallb (fun s => nonneg (fst s)) (squares r) && forallb nonneg (snd left) && zero_form (fst left).

Fixpoint msum (M : list lin) (G : nat -> nat -> R) : R :=
  match M with [] => 0 | r :: t => lsum r (G O) + msum t (fun i => G (S i)) end.
Lemma qadd_R a b : Q2R (qadd a b) = Q2R a + Q2R b.
Proof. rewrite <- Q2R_plus. apply Qeq_eqR, Qred_correct. Qed.
Lemma qmul_R a b : Q2R (qmul a b) = Q2R a * Q2R b.
Proof. rewrite <- Q2R_mult. apply Qeq_eqR, Qred_correct. Qed.
Lemma zero_R a : Qeq_bool a 0 = true -> Q2R a = 0.
Proof. intros H. apply Qeq_bool_eq in H. rewrite (Qeq_eqR _ _ H). unfold Q2R; simpl; lra. Qed.
Lemma minus_one : Q2R (-1) = -1. Proof. unfold Q2R; simpl; lra. Qed.
Lemma nonneg_R q : nonneg q = true -> 0 <= Q2R q.
Proof. intros H. apply Qle_bool_iff, Qle_Rle in H. revert H. unfold Q2R at 1; simpl. lra. Qed.
Lemma lsum_ext l : forall h k, (forall i, h i = k i) -> lsum l h = lsum l k.
Proof. induction l as [|a t IH]; intros h k H; simpl; [reflexivity|]. rewrite H, (IH _ (fun i => k (S i))); auto. Qed.
Lemma lsum_ladd l : forall m h, lsum (ladd l m) h = lsum l h + lsum m h.
Proof. induction l as [|a t IH]; intros [|b u] h; simpl; try ring. rewrite IH, qadd_R. ring. Qed.
Lemma lsum_lmul a l : forall h, lsum (lmul a l) h = Q2R a * lsum l h.
Proof. induction l as [|b t IH]; intros h; simpl; [ring|]. unfold lmul in IH. rewrite IH, qmul_R. ring. Qed.
Lemma lsum_zero l : forallb (fun a => Qeq_bool a 0) l = true -> forall h, lsum l h = 0.
Proof.
  induction l as [|a t IH]; simpl; intros H h; [reflexivity|]. apply andb_prop in H as [H1 H2].
  rewrite (zero_R a H1), (IH H2). ring.
Qed.
Lemma lsum_pos l : forallb nonneg l = true -> forall h, (forall i, 0 <= h i) -> 0 <= lsum l h.
Proof.
  induction l as [|a t IH]; simpl; intros H h P; [lra|]. apply andb_prop in H as [H1 H2].
  assert (0 <= Q2R a * h O) by (apply Rmult_le_pos; [apply nonneg_R, H1 | apply P]).
  specialize (IH H2 (fun i => h (S i)) (fun i => P (S i))). lra.
Qed.
Lemma msum_madd M : forall N G, msum (madd M N) G = msum M G + msum N G.
Proof. induction M as [|l t IH]; intros [|m u] G; simpl; try ring. rewrite IH, lsum_ladd. ring. Qed.
Lemma msum_outer a m l : forall G, msum (outer a l m) G = Q2R a * lsum l (fun i => lsum m (G i)).
Proof.
  induction l as [|x t IH]; intros G; simpl; [ring|]. unfold outer in IH. rewrite IH. destruct (Qeq_bool x 0) eqn:E.
  - rewrite (zero_R x E). simpl. ring.
  - rewrite lsum_lmul, qmul_R. ring.
Qed.
Lemma msum_zero M : forallb (forallb (fun a => Qeq_bool a 0)) M = true -> forall G, msum M G = 0.
Proof.
  induction M as [|l t IH]; simpl; intros H G; [reflexivity|]. apply andb_prop in H as [H1 H2].
  rewrite (lsum_zero l H1), (IH H2). ring.
Qed.

Section Sound.
Context {W : space} (e : nat -> W) (val : nat -> R).
Lemma ip_comb l : forall (e : nat -> W) v, ip (comb l e) v = lsum l (fun i => ip (e i) v).
Proof. induction l as [|a t IH]; intros c v; simpl; [rewrite ip_smul; ring|]. now rewrite ip_add, ip_smul, IH. Qed.
Lemma ip_comb2 l m : ip (comb l e) (comb m e) = lsum l (fun i => lsum m (fun j => ip (e i) (e j))).
Proof. rewrite ip_comb. apply lsum_ext; intros i. rewrite ip_sym, ip_comb. apply lsum_ext; intros j. apply ip_sym. Qed.
Lemma twice_eval f : msum (twice f) (fun i j => ip (e i) (e j)) = 2 * eval f e.
Proof.
  induction f as [|[[q l] m] t IH]; simpl; [ring|].
  rewrite !msum_madd, IH, !msum_outer, <- !ip_comb2, (ip_sym _ (comb m e)). ring.
Qed.
Lemma zero_form_eval f : zero_form f = true -> eval f e = 0.
Proof. intros H. assert (E := twice_eval f). rewrite (msum_zero _ H) in E. lra. Qed.
Lemma value_add p q : value (add p q) e val = value p e val + value q e val.
Proof.
  unfold value, add; cbn [fst snd]. rewrite lsum_ladd. assert (E : eval (fst p ++ fst q) e = eval (fst p) e + eval (fst q) e).
  { induction (fst p) as [|[[a l] m] t IH]; simpl; [ring|]. rewrite IH. ring. }
  rewrite E. ring.
Qed.
Lemma value_scale a q : value (scale a q) e val = Q2R a * value q e val.
Proof.
  unfold value, scale; cbn [fst snd]. rewrite lsum_lmul.
  assert (E : eval (map (fun '(b, l, m) => (qmul a b, l, m)) (fst q)) e = Q2R a * eval (fst q) e).
  { induction (fst q) as [|[[b l] m] t IH]; [simpl; ring|]. cbn [map eval]. rewrite IH, qmul_R. ring. }
  rewrite E. ring.
Qed.
Lemma value_minus p q : value (minus p q) e val = value p e val - value q e val.
Proof. unfold minus. rewrite value_add, value_scale, minus_one. ring. Qed.
Lemma squares_pos s : forallb (fun x => nonneg (fst x)) s = true -> 0 <= value (square_sum s) e val.
Proof.
  unfold value, square_sum; cbn [fst snd]. induction s as [|[q l] t IH]; intros H; [simpl; lra|]. simpl in H.
  apply andb_prop in H as [H1 H2].
  assert (0 <= Q2R q * ip (comb l e) (comb l e)) by (apply Rmult_le_pos; [apply nonneg_R, H1 | apply ip_pos]).
  specialize (IH H2). cbn [map eval]. simpl in *. lra.
Qed.
Lemma rows_neg l : forallb signed l = true -> all_hold l e val -> value (row_sum l) e val <= 0.
Proof.
  induction l as [|[[k q] a] t IH]; intros H P; [unfold value; simpl; lra|]. simpl in H. apply andb_prop in H as [H1 H2].
  destruct P as [P1 P2]. cbn [row_sum]. rewrite value_add, value_scale. specialize (IH H2 P2).
  destruct k; simpl in P1, H1; [|rewrite P1; lra].
  assert (0 <= Q2R a * - value q e val) by (apply Rmult_le_pos; [apply nonneg_R, H1 | lra]). lra.
Qed.
Theorem sound r : check r = true -> (forall i, 0 <= val i) -> all_hold (rows r) e val -> 0 <= value (claimed r) e val.
Proof.
  unfold check. cbv zeta. set (left := minus _ _). rewrite !andb_true_iff. intros (((H1 & H2) & H3) & H4) P R.
  assert (E : value left e val = value (claimed r) e val + value (row_sum (rows r)) e val - value (square_sum (squares r)) e val)
    by (unfold left; now rewrite value_minus, value_add).
  assert (F : 0 <= value left e val) by (unfold value; rewrite (zero_form_eval _ H4); pose proof (lsum_pos _ H3 val P); lra).
  pose proof (squares_pos _ H2). pose proof (rows_neg _ H1 R). lra.
Qed.
End Sound.
"""
