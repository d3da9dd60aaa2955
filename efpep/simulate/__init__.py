"""Numeric runs: the methods' own ``step`` on NumPy arrays.

The package is called like the function :func:`efpep.simulate`, so it can be called as that function.
"""

from efpep.callable_package import make_callable

make_callable(__name__)
