"""Packets as a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labkernel.packets.frame import Packet

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("time", "from", "to", "message", "details")


def row(packet: Packet, names: Mapping[str, str]) -> tuple[float, str, str, str, str]:
    """The cells of a packet; addresses are shown with the names of their nodes."""
    return (
        packet.time,
        _who(packet.source, packet.mac_source, names),
        _who(packet.destination, packet.mac_destination, names),
        packet.kind,
        packet.info,
    )


def _who(ip: str, mac: str, names: Mapping[str, str]) -> str:
    name = names.get(ip) or ("" if ip and ip not in ("::", "0.0.0.0") else names.get(mac, ""))
    return f"{name} ({ip or mac})" if name else ip or mac


def table(packets: Sequence[Packet], names: Mapping[str, str] | None = None) -> "pd.DataFrame":
    """A row for each packet, indexed by its number.

    :param names: names of nodes, by their addresses.
    """
    import pandas as pd

    rows = [row(packet, names or {}) for packet in packets]
    numbers = pd.Index([packet.number for packet in packets], name="no.")
    return pd.DataFrame(rows, columns=list(COLUMNS), index=numbers)
