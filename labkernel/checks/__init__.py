"""Checks: plain functions of an attempt that say what they saw, or raise CheckFailed.

Each function here makes a check; a lab may write its own, in the same form::

    def answers(attempt: Attempt) -> str:
        result = attempt.run("client", "curl -s http://[2001:db8::80]/")
        if "it works" not in result.output:
            raise CheckFailed("client: expected the page", f"got {result.output!r}")
        return "the page came"
"""

from labkernel.checks.combine import both, eventually, fails
from labkernel.checks.output import printed, shows
from labkernel.checks.path import Path, follow
from labkernel.checks.reach import pings, reaches, why_unreachable
from labkernel.checks.state import address, listens, route

__all__ = [
    "Path",
    "address",
    "both",
    "eventually",
    "fails",
    "follow",
    "listens",
    "pings",
    "printed",
    "reaches",
    "route",
    "shows",
    "why_unreachable",
]
