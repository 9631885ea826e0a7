"""Valid names of nodes, links, labs and interfaces, and their uniqueness."""

import re
from collections.abc import Iterable

from labkernel.errors import TopologyError

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
# IFNAMSIZ is 16 with the closing zero; "/" and white space are refused by the kernel
INTERFACE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,14}\Z")


def require_unique(kind: str, lab: str, names: Iterable[str]) -> None:
    """Require that no two of a lab's nodes, links or interfaces have the same name.

    :raises TopologyError: two have the same; says which.
    """
    seen = set()
    for name in names:
        if name in seen:
            raise TopologyError(f'lab "{lab}" has two {kind}s named "{name}"')
        seen.add(name)
