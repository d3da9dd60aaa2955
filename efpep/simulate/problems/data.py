"""Data sets that ship with scikit-learn, and how they are split across clients."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError
from efpep.optional import optional

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA = ("breast-cancer", "digits", "diabetes")
SPLITS = ("homogeneous", "by-label", "dirichlet")


@cache
def load(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return features, targets and labels of a data set.

    Features are standardised (constant ones left out), with a column of ones added. Targets are -1 and 1 for breast cancer
    (malignant is -1) and digits (even is -1), and standardised for diabetes. Labels, by which data are split, are the classes,
    the ten digits, and the deciles of the diabetes target.

    Raises:
        UnavailableError: scikit-learn is not installed.
    """
    datasets = optional("sklearn.datasets", "data sets")
    loaders: Any = {
        "breast-cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
        "diabetes": datasets.load_diabetes,
    }
    raw = loaders[name](return_X_y=True)
    features, targets = np.asarray(raw[0], dtype=np.float64), np.asarray(raw[1], dtype=np.float64)
    features = features[:, features.std(axis=0) > 0]
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    features = np.column_stack([features, np.ones(len(features))])
    if name == "diabetes":
        targets = (targets - targets.mean()) / targets.std()
        ranks = np.argsort(np.argsort(targets, kind="stable"), kind="stable")
        return features, targets, np.floor(10 * ranks / len(targets))
    labels = targets
    return features, np.where(labels % 2 == 1, 1.0, -1.0), labels


def split(labels: NDArray[np.float64], clients: int, how: str, alpha: float, seed: int) -> list[NDArray[np.int64]]:
    """Return the samples of each client; every client has at least one.

    Args:
        labels: the label of each sample.
        clients: the number of clients.
        how: ``homogeneous`` (parts of a random order), ``by-label`` (parts of the order by label) or ``dirichlet`` (for
            each label the clients' shares are drawn from a symmetric Dirichlet distribution).
        alpha: the parameter of that distribution; the smaller, the more the clients differ.
        seed: of the random numbers.

    Raises:
        InputError: there are more clients than samples.
    """
    if clients > len(labels):
        raise InputError(f"clients is {clients}, more than the {len(labels)} samples; give fewer.", argument="clients")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    if how == "homogeneous":
        return [np.sort(part) for part in np.array_split(order, clients)]
    if how == "by-label":
        return [np.sort(part) for part in np.array_split(order[np.argsort(labels[order], kind="stable")], clients)]
    owner = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        ends = np.floor(np.cumsum(rng.dirichlet([alpha] * clients)) * len(members)).astype(np.int64)[:-1]
        for i, part in enumerate(np.split(members, ends)):
            owner[part] = i
    for i in range(clients):  # a client without samples takes one of the richest
        if not np.any(owner == i):
            richest = int(np.argmax(np.bincount(owner, minlength=clients)))
            owner[np.flatnonzero(owner == richest)[0]] = i
    return [np.flatnonzero(owner == i) for i in range(clients)]
