"""Bonding: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.bonding.mistakes import aggregating, fixing, identifying

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **fixing.MISTAKES,
    **identifying.MISTAKES,
    **aggregating.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **fixing.ALSO_RIGHT,
    **identifying.ALSO_RIGHT,
    **aggregating.ALSO_RIGHT,
}
