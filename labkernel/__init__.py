"""labkernel: hands-on labs for IPv6 and Ceph, on real Linux nodes, in Jupyter.

``from labkernel import show`` in a notebook; ``from labkernel import Lab, Node, Link`` to write a
lab.  Names are resolved when they are first used, so that ``import labkernel`` costs nothing: not
even ``typing`` is imported: the command line must handle Ctrl-C before that.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from labkernel.attempt import Attempt, Nodes, Workbench
    from labkernel.drills import Drill, Fault
    from labkernel.errors import (
        BackendUnavailable,
        CheckFailed,
        CommandFailed,
        Expected,
        LabError,
    )
    from labkernel.lab import Lab
    from labkernel.mistakes import Mistake, Right
    from labkernel.notebook import running_lab, show
    from labkernel.observing import Watch, cables, capture
    from labkernel.running import RunningLab
    from labkernel.steps import Outcome, Step, Task
    from labkernel.topology import Link, Node, Topology

__version__ = "0.1.0"

_HOME = {
    "BackendUnavailable": "labkernel.errors",
    "CheckFailed": "labkernel.errors",
    "Expected": "labkernel.errors",
    "CommandFailed": "labkernel.errors",
    "LabError": "labkernel.errors",
    "Attempt": "labkernel.attempt",
    "Nodes": "labkernel.attempt",
    "Workbench": "labkernel.attempt",
    "Drill": "labkernel.drills",
    "Fault": "labkernel.drills",
    "Lab": "labkernel.lab",
    "Link": "labkernel.topology",
    "Mistake": "labkernel.mistakes",
    "Right": "labkernel.mistakes",
    "Node": "labkernel.topology",
    "Topology": "labkernel.topology",
    "Outcome": "labkernel.steps",
    "Step": "labkernel.steps",
    "Task": "labkernel.steps",
    "Watch": "labkernel.observing",
    "cables": "labkernel.observing",
    "capture": "labkernel.observing",
    "RunningLab": "labkernel.running",
    "running_lab": "labkernel.notebook",
    "show": "labkernel.notebook",
}

__all__ = [
    "Attempt",
    "BackendUnavailable",
    "CheckFailed",
    "CommandFailed",
    "Drill",
    "Expected",
    "Fault",
    "Lab",
    "LabError",
    "Link",
    "Mistake",
    "Node",
    "Nodes",
    "Outcome",
    "Right",
    "RunningLab",
    "Step",
    "Task",
    "Topology",
    "Watch",
    "Workbench",
    "cables",
    "capture",
    "running_lab",
    "show",
]


def __getattr__(name: str) -> "Any":
    if name not in _HOME:
        raise AttributeError(f"module 'labkernel' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
