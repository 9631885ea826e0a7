"""Decodes LACPDUs (IEEE 802.1AX, 6.4.2): the state of both ends of a link."""

from dataclasses import dataclass

from labkernel.packets.octets import Malformed, mac, number, part

#: the bits of a port's state, from the lowest
STATES = (
    "active", "fast", "aggregatable", "in sync", "collecting", "distributing", "defaulted",
    "expired",
)  # fmt: skip
_ACTOR, _PARTNER, _LENGTH = 1, 2, 20


@dataclass(frozen=True)
class Side:
    """One end of a link, as a LACPDU describes it.

    :param system: the MAC address of its system; all zero if unknown.
    :param key: equal for ports that can be aggregated.
    :param port: its number.
    :param states: see :data:`STATES`.
    """

    system: str
    key: int
    port: int
    states: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.system} key {self.key} port {self.port} ({', '.join(self.states) or '-'})"


@dataclass(frozen=True)
class LACP:
    """A LACPDU.

    :param actor: the sender.
    :param partner: the other end, as the sender knows it.
    """

    actor: Side
    partner: Side

    def __str__(self) -> str:
        return f"{self.actor}, partner {self.partner}"


def decode(data: bytes) -> LACP:
    """Decode a LACPDU after its subtype.

    :raises Malformed: it violates the standard.
    """
    version = number(data, 0, 1)
    if version < 1:
        raise Malformed(f"LACP version {version}")
    return LACP(_side(data, 1, _ACTOR), _side(data, 1 + _LENGTH, _PARTNER))


def _side(data: bytes, at: int, kind: int) -> Side:
    octets = part(data, at, _LENGTH)
    if (octets[0], octets[1]) != (kind, _LENGTH):
        raise Malformed(f"information {octets[0]} of {octets[1]} octets where {kind} must be")
    states = tuple(name for bit, name in enumerate(STATES) if octets[16] >> bit & 1)
    return Side(mac(octets, 4), number(octets, 10, 2), number(octets, 14, 2), states)
