"""Proofs: that every check of a lab can fail, and says what is so.

One walk through a lab proves all: before each step its mistakes and other right answers, then the
step itself, which leads to the next.
"""

from labkernel.proving.cases import Case, cases_of
from labkernel.proving.checks import SHORT, prove_check
from labkernel.proving.walk import Proof, bring_before, prove

__all__ = ["SHORT", "Case", "Proof", "bring_before", "cases_of", "prove", "prove_check"]
