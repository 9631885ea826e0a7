"""Docker with a delegated prefix: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.docker_prefix_delegation.mistakes import (
    delegating,
    giving,
    guarding,
    proxying,
    renumbering,
)

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **delegating.MISTAKES,
    **giving.MISTAKES,
    **guarding.MISTAKES,
    **renumbering.MISTAKES,
    **proxying.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **delegating.ALSO_RIGHT,
    **giving.ALSO_RIGHT,
    **guarding.ALSO_RIGHT,
    **renumbering.ALSO_RIGHT,
    **proxying.ALSO_RIGHT,
}
