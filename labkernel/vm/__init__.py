"""Virtual machines: disks that boot by themselves, from the recipes that every backend uses.

``disk.py`` makes a disk of an image without root and without a hypervisor, ``formats.py`` writes it
in the formats of QEMU and VirtualBox, and ``seed.py`` makes the small CD that tells a machine its
name and its keys.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel.vm.formats import FORMATS, export
    from labkernel.vm.layers import as_asked, bootable, nodes_among, require_nodes
    from labkernel.vm.seed import Keys, Seed

_HOME = {"FORMATS": "formats", "export": "formats", "Keys": "seed", "Seed": "seed"}
_HOME |= {
    "as_asked": "layers",
    "bootable": "layers",
    "nodes_among": "layers",
    "require_nodes": "layers",
}

__all__ = [
    "FORMATS",
    "Keys",
    "Seed",
    "as_asked",
    "bootable",
    "export",
    "nodes_among",
    "require_nodes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'labkernel.vm' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"labkernel.vm.{_HOME[name]}"), name)
