"""Bits until the guarantee reaches an accuracy, beside the guarantee's own and what runs count."""

import pytest
from support import one_sentence

import efpep
from efpep.simulate.communication import top_k_communication
from efpep.simulate.problems import read_problem
from efpep.theory import safe_ef as theory


@pytest.mark.parametrize(("d", "k"), [(10, 1), (1249, 124), (1000, 500), (7, 7)])
def test_the_guarantee_is_reached_in_this_round_and_not_before(d, k):
    found = top_k_communication("1/20", d, k, R=3, M=2)
    K = theory.constant(efpep.TopK(k).belongs_to(d).delta)
    assert theory.guarantee(K, found.rounds, R=3, M=2).threshold <= 0.05 * (1 + 1e-12)
    assert theory.guarantee(K, found.rounds - 1, R=3, M=2).threshold > 0.05 * (1 - 1e-12)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_messages_are_those_that_runs_count(k):
    problem = read_problem("neyman-pearson:n=5,regularisation=0")
    operator = efpep.TopK(k)
    run = efpep.simulate(efpep.SafeEF("1/100"), problem, 8, operator, efpep.Identity(), record=["bytes_client"])
    assert 8 * run["bytes_client"][-1] == 8 * top_k_communication(1, problem.dimension, k).message


def test_without_compression_doubles_are_sent_and_rounds_are_those_of_subgradients():
    found = top_k_communication("1/10", 50, 50)
    assert (found.rounds, found.message, found.bits) == (100, 3200, 320000)


@pytest.mark.parametrize(("accuracy", "d", "k"), [(0, 5, 1), (1, 5, 6), (1, 0, 1), (1, 5, 0)])
def test_impossible_numbers_are_refused(accuracy, d, k):
    with pytest.raises(efpep.InputError) as refused:
        top_k_communication(accuracy, d, k)
    assert one_sentence(refused.value)
