"""The memory that a node's machine has left, for labs that measure large numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Nodes


def available_memory(lab: "Nodes", node: str) -> float:
    """MiB that can still be had on the machine that a node runs on."""
    text = lab.run(node, "awk '/^MemAvailable/ { print $2 }' /proc/meminfo", expect=0).output
    return int(text) / 1024
