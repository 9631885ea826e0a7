"""Proofs: that every check of a lab can fail, and says what is so.

One walk through a lab proves all: before each step its mistakes and other right answers, then the
step itself, which leads to the next; then the faults of its drills, and that its notebooks name
what it has.
"""

from labkernel.proving.cases import Case, DrillCase, cases_of, drill_cases_of
from labkernel.proving.checks import SHORT, prove_check
from labkernel.proving.notebooks import NotebookCase, notebook_cases_of
from labkernel.proving.walk import AnyCase, Proof, bring_before, prove

__all__ = [
    "SHORT",
    "AnyCase",
    "Case",
    "DrillCase",
    "NotebookCase",
    "Proof",
    "bring_before",
    "cases_of",
    "drill_cases_of",
    "notebook_cases_of",
    "prove",
    "prove_check",
]
