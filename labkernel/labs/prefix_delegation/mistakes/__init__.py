"""Prefix delegation: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.prefix_delegation.mistakes import (
    advertising,
    attaching,
    delegating,
    hooking,
    renumbering,
)

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **advertising.MISTAKES,
    **delegating.MISTAKES,
    **hooking.MISTAKES,
    **renumbering.MISTAKES,
    **attaching.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **delegating.ALSO_RIGHT,
    **advertising.ALSO_RIGHT,
    **hooking.ALSO_RIGHT,
    **renumbering.ALSO_RIGHT,
    **attaching.ALSO_RIGHT,
}
