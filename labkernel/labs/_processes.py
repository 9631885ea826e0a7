"""Processes on nodes, by the name of their program."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Nodes


def states_of(nodes: "Nodes", node: str, program: str) -> list[str]:
    """The states (ps(1)) of a program's processes on a node, without zombies."""
    found = nodes.run(node, ["ps", "-o", "stat=", "-C", program]).output.split()
    return [state for state in found if not state.startswith("Z")]


def is_stopped(state: str) -> bool:
    """True if a process in that state is stopped by a signal, or by a debugger."""
    return state.startswith(("T", "t"))
