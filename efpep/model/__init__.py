"""The exact algebra: number fields, vectors over agents, quadratic forms and the recording Trace.

Everything here runs on the standard library alone, so that a certificate can be checked without a solver,
without floating point and without NumPy.
"""
