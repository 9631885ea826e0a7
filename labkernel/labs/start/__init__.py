"""Start: two nodes, one link, and a first step to try the cards with."""

from collections.abc import Mapping

from labkernel import Lab
from labkernel.labs.start import steps, topology

__all__ = ["answer", "lab", "make", "ping"]


def make(variables: Mapping[str, str]) -> Lab:
    """The lab, which differs by its link's prefix.

    :param variables: ``prefix``, an IPv6 prefix of /64.
    :raises LabError: it is none.
    """
    net = topology.prefix_of(variables)
    made = topology.make(net)
    steps.declare(made, net)
    return made


lab = make({})
ping, answer = lab.steps
