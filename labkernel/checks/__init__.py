"""Checks: plain functions of an attempt that say what they saw, or raise CheckFailed.

Each function here makes a check; a lab may write its own, in the same form::

    def answers(attempt: Attempt) -> str:
        result = attempt.run("client", "curl -s http://[2001:db8::80]/")
        if "it works" not in result.output:
            raise CheckFailed(Expected("client", "the page"), f"got {result.output!r}")
        return "the page came"

With :func:`looks_at`, a check declares the events that can change its result, and that it sends no
packets.
"""

from labkernel.checks.combine import both, eventually, fails
from labkernel.checks.events import Event, Events, Kind, events_of, file, like, looks_at, on
from labkernel.checks.output import printed, shows
from labkernel.checks.path import Path, follow
from labkernel.checks.reach import pings, reaches, why_unreachable
from labkernel.checks.state import address, listens, route
from labkernel.checks.tables import ip_json

__all__ = [
    "Event",
    "Events",
    "Kind",
    "Path",
    "address",
    "both",
    "events_of",
    "eventually",
    "fails",
    "file",
    "follow",
    "ip_json",
    "like",
    "listens",
    "looks_at",
    "on",
    "pings",
    "printed",
    "reaches",
    "route",
    "shows",
    "why_unreachable",
]
