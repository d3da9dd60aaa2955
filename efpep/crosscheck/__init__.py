"""Cross-checks: the same questions asked of PEPit with explicit agents.

The package is called like the function :func:`efpep.crosscheck`, so it can be called as that function.
"""

from efpep.callable_package import make_callable

make_callable(__name__)
