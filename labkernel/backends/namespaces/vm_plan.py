"""The plan of VM nodes for the supervisor: plain data, like plan.py for other nodes."""

from pathlib import Path
from typing import Any

from labkernel.backends.namespaces import network
from labkernel.backends.namespaces.template import Template
from labkernel.topology import Topology
from labkernel.vm import shape

_FIRST_PORT = 22001
_FIRST_TAP, _MOST_NICS = 1 << 24, 64  # numbers that no bridge and no wire has


def part(topology: Topology, index: int, name: str, found: Template) -> dict[str, Any]:
    """The plan of a VM node, see vm.py.

    :param index: its index among the VM nodes of the lab, from 0.
    :param found: its template.
    """
    port = _FIRST_PORT + index
    return {
        "name": name,
        "folder": str(found.folder),
        "port": port,
        "taps": _taps(topology, index, name),
        "scratch": found.shape.scratch_megabytes,
        "disks": shape.second_disk(found.shape, found.folder, keep=False),
        "second": found.shape.second_megabytes,
        "words": _words(topology, name, found.shape, port),
    }


def _words(topology: Topology, name: str, which: shape.Shape, port: int) -> list[str]:
    """The command line of its QEMU."""
    ports = topology.ports_of(name)
    folder = Path("{folder}")  # filled in by the supervisor
    words = shape.words(which, folder, "/proc/self/fd/{console}", "{qmp}", keep=False)
    words += shape.control_nic(port)
    for slot in range(which.slots):
        if slot < len(ports):
            words += shape.nic(slot, f"tap,fd={{tap{slot}}}", ports[slot].mac)
        else:
            words += shape.unplugged(slot)
    return [*words, "-incoming", "defer"]


def _taps(topology: Topology, index: int, name: str) -> list[dict[str, Any]]:
    """The devices of its NICs, and their bridges."""
    bridges = {link.name: network.bridge_name(n) for n, link in enumerate(topology.links)}
    return [
        {
            "name": f"v{index}n{slot}",
            "index": _FIRST_TAP + index * _MOST_NICS + slot,
            "bridge": bridges[each.link],
        }
        for slot, each in enumerate(topology.ports_of(name))
    ]
