"""Theorems: statements with parameters as data, their exact check, and the search for their proofs."""
