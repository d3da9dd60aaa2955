"""The papers' tables and figures by one command: ``make paper``, or ``python -m problems.paper`` in the repository's root.

:mod:`problems.paper.parts` lists them and says where they differ from what was published, one module for each paper,
:mod:`problems.paper.runs` makes them, :mod:`problems.paper.markdown` and :mod:`problems.paper.typeset` write the page.
"""
