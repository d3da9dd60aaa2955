"""What methods declare about themselves is what their steps do."""

import inspect

import pytest

import efpep
from efpep.methods.base import Method

BUILT_IN = sorted(
    {found for name in efpep.__all__ if isinstance(found := getattr(efpep, name), type) and issubclass(found, Method)} - {Method},
    key=lambda cls: cls.__name__,
)


@pytest.mark.parametrize("method", BUILT_IN)
def test_whether_the_server_compresses(method):
    assert method.compresses_at_server is ("compress_at_server" in inspect.getsource(method.step))


def test_all_methods_are_here():
    assert len(BUILT_IN) >= 15
