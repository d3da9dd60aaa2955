"""Proofs in exact numbers: the two conditions under which rational numbers prove an end of an answer, and their files.

This room knows no solver and no floating point that decides anything; it runs on the standard library alone.
"""
