"""IPv6 itself: usual mistakes, and other right answers."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.ipv6.mistakes import (
    addressing,
    default_router,
    filtering,
    flagging,
    forwarding,
    guarding,
    managing,
    naming,
    neighbours,
    proxying,
    selecting,
    stateless,
)

if TYPE_CHECKING:
    from labkernel import Mistake, Right

MISTAKES: "dict[Any, list[Mistake]]" = {
    **addressing.MISTAKES,
    **neighbours.MISTAKES,
    **default_router.MISTAKES,
    **flagging.MISTAKES,
    **stateless.MISTAKES,
    **managing.MISTAKES,
    **forwarding.MISTAKES,
    **naming.MISTAKES,
    **filtering.MISTAKES,
    **proxying.MISTAKES,
    **selecting.MISTAKES,
    **guarding.MISTAKES,
}

ALSO_RIGHT: "dict[Any, list[Right]]" = {
    **addressing.ALSO_RIGHT,
    **neighbours.ALSO_RIGHT,
    **default_router.ALSO_RIGHT,
    **flagging.ALSO_RIGHT,
    **stateless.ALSO_RIGHT,
    **managing.ALSO_RIGHT,
    **forwarding.ALSO_RIGHT,
    **naming.ALSO_RIGHT,
    **proxying.ALSO_RIGHT,
    **selecting.ALSO_RIGHT,
    **filtering.ALSO_RIGHT,
    **guarding.ALSO_RIGHT,
}
