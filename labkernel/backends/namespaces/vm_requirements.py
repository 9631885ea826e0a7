"""Requires the features of this machine that VM nodes need: QEMU, taps, memory."""

import os
from pathlib import Path

from labkernel import memory
from labkernel.errors import BackendError, BackendUnavailable
from labkernel.topology import Node, Topology
from labkernel.vm import shape

_SPARE_MEMORY = 128  # MiB that starting VMs must leave


def require(topology: Topology) -> None:
    """Require QEMU, and taps if VM nodes are on links.

    :raises BackendUnavailable: there is no QEMU, or no taps for this user.
    """
    shape.require()
    if any(topology.ports_of(node.name) for node in topology.nodes if node.kernel):
        _require_taps()


def _require_taps(device: str = "/dev/net/tun") -> None:
    """Require taps for VMs' NICs; udev gives access to everybody (rules.d/50-udev-default.rules).

    :raises BackendUnavailable: this user can't open it.
    """
    if not Path(device).exists():
        raise BackendUnavailable("namespaces", f"VMs need {device}", "sudo modprobe tun")
    if not os.access(device, os.R_OK | os.W_OK):
        why = f"VMs need {device}, which this user may not open"
        raise BackendUnavailable("namespaces", why, f"sudo chmod 666 {device}")


def require_memory(nodes: list[Node]) -> None:
    """Require enough memory, before the kernel kills a process for the lack of it.

    :raises BackendError: there is too little.
    """
    free = memory.available() >> 20
    needed = sum(node.memory for node in nodes) + _SPARE_MEMORY
    if free < needed:
        names = ", ".join(node.name for node in nodes)
        raise BackendError(
            f"this machine has {free} MiB of memory left, and the VMs of this lab "
            f"({names}) take {needed} MiB",
            "labkernel status, and labkernel down for labs that you don't need",
        )
