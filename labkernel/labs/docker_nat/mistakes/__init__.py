"""IPv6 for Docker's containers behind NAT: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.docker_nat.mistakes import masquerading, moving, publishing

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **masquerading.MISTAKES,
    **publishing.MISTAKES,
    **moving.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **masquerading.ALSO_RIGHT,
    **publishing.ALSO_RIGHT,
    **moving.ALSO_RIGHT,
}
