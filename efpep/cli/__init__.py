"""The command line: a thin layer that reads options, asks the package, and prints.

Exit status: 0 answered; 1 a certificate was refused or a cross-check disagrees; 2 bad input; 3 there is no contraction, proved;
4 undecided. Heavy libraries are imported by the commands that need them.
"""

from efpep.cli.main import main

__all__ = ["main"]
