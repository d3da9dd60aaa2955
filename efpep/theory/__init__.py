"""Closed forms of the literature, each with its source; tests compare every one of them with the SDPs."""
