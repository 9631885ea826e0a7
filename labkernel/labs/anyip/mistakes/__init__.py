"""AnyIP: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.anyip.mistakes import binding, proxying, routing

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **routing.MISTAKES,
    **proxying.MISTAKES,
    **binding.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **routing.ALSO_RIGHT,
    **binding.ALSO_RIGHT,
    **proxying.ALSO_RIGHT,
}
