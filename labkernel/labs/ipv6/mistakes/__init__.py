"""IPv6 itself: usual mistakes, and other right answers."""

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

MISTAKES = {
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
