"""Devices of the machine that some nodes need, and that may not be open to everyone."""

import os
from pathlib import Path

from labkernel.errors import BackendUnavailable
from labkernel.topology import Topology


def require(topology: Topology, device: str = "/dev/fuse") -> None:
    """A node that mounts by FUSE needs its device, which udev opens to everyone
    (rules.d/50-udev-default.rules).

    :raises BackendUnavailable: this user can't open it.
    """
    needing = [node.name for node in topology.nodes if node.fuse]
    if not needing:
        return
    if not Path(device).exists():
        why = f"{needing[0]} mounts by FUSE, and there is no {device}"
        raise BackendUnavailable("namespaces", why, "sudo modprobe fuse")
    if not os.access(device, os.R_OK | os.W_OK):
        why = f"{needing[0]} mounts by FUSE, and this user may not open {device}"
        raise BackendUnavailable("namespaces", why, f"sudo chmod 666 {device}")
