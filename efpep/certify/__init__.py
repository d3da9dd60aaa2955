"""Exact certificates: witnesses of rational numbers, and the conditions under which they prove a claim.

This package knows no solver and no floating point; it runs on the standard library alone.
"""
