"""Bonding: four links as one, which MAC address that has, and what breaks when it changes.

The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.bonding.topology import lab
from labkernel.labs.bonding.steps.racing import boots, four, moved
from labkernel.labs.bonding.steps.leasing import leased, offered
from labkernel.labs.bonding.steps.fixing import fixed, waited
from labkernel.labs.bonding.steps.declaring import declared, planned
from labkernel.labs.bonding.steps.identifying import cloned, itself, today
from labkernel.labs.bonding.steps.failing_over import pulled
from labkernel.labs.bonding.steps.aggregating import aggregate, partner, three
# isort: on

__all__ = [
    "aggregate",
    "boots",
    "cloned",
    "declared",
    "fixed",
    "four",
    "itself",
    "lab",
    "leased",
    "moved",
    "offered",
    "partner",
    "planned",
    "pulled",
    "three",
    "today",
    "waited",
]
