"""NixOS: a system that goes forward and back as a whole.

After a post of 2015, which installed NixOS 15.09 as a minimal host for virtual machines.
The modules of `steps` are the lesson's parts; they are imported in its order, since a step takes
its place when it is declared.
"""

# isort: off
from labkernel.labs.nixos.topology import lab
from labkernel.labs.nixos.steps.disk import configure, format_it, mount, partition
from labkernel.labs.nixos.steps.evaluating import evaluate, four, mend, parse, summarise
from labkernel.labs.nixos.steps.store import (
    beside,
    collect,
    fail,
    free,
    hashes,
    install,
    recipe,
    rollback,
    upgrade,
)
from labkernel.labs.nixos.steps.systems import again, back, build, flip, switch, today
from labkernel.labs.nixos.steps.installing import from_iso
from labkernel.labs.nixos.commands.installing import use_iso
# isort: on

__all__ = [
    "again",
    "back",
    "beside",
    "build",
    "collect",
    "configure",
    "evaluate",
    "fail",
    "flip",
    "format_it",
    "four",
    "free",
    "from_iso",
    "hashes",
    "install",
    "lab",
    "mend",
    "mount",
    "parse",
    "partition",
    "recipe",
    "rollback",
    "summarise",
    "switch",
    "today",
    "upgrade",
    "use_iso",
]
