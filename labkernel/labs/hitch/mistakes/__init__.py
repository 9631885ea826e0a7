"""Hitch: usual mistakes and other right answers, by the parts of the lesson."""

from labkernel.labs.hitch.mistakes import benchmarking, chain, refusing, reloading, serving

_PARTS = (serving, benchmarking, chain, refusing, reloading)

MISTAKES = {step: given for part in _PARTS for step, given in part.MISTAKES.items()}
