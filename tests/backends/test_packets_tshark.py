"""The parser of packets beside tshark, which reads the same files."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import RunningLab, Step, images, labs, packets
from labkernel.backends import make
from labkernel.labs import ipv6, prefix_delegation
from labkernel.observing import Recording
from labkernel.packets import lacp
from tests.unit.test_packets import lacpdu, pcap

pytestmark = [
    pytest.mark.backend,
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed"),
]

FIELDS = (
    "icmpv6.type",
    "icmpv6.nd.ra.router_lifetime",
    "icmpv6.nd.ra.flag.m",
    "icmpv6.nd.ra.flag.o",
    "icmpv6.nd.ra.flag.prf",
    "icmpv6.opt.prefix",
    "icmpv6.opt.prefix.flag.l",
    "icmpv6.opt.prefix.flag.a",
    "icmpv6.opt.prefix.valid_lifetime",
    "icmpv6.opt.prefix.preferred_lifetime",
    "icmpv6.opt.rdnss",
    "icmpv6.nd.ns.target_address",
    "icmpv6.nd.na.target_address",
    "icmpv6.nd.na.flag.r",
    "icmpv6.nd.na.flag.s",
    "icmpv6.nd.na.flag.o",
    "dhcpv6.msgtype",
    "dhcpv6.iaprefix.pref_addr",
    "dhcpv6.iaprefix.pref_len",
    "dhcpv6.iaprefix.valid_lifetime",
    "ipv6.src",
    "ipv6.dst",
)
TYPES = {"RS": "133", "RA": "134", "NS": "135", "NA": "136"}
MESSAGES = {"Solicit": "1", "Advertise": "2", "Request": "3", "Renew": "5", "Reply": "7"}
PREFERENCES = {"medium": "0", "high": "1", "low": "3"}

Row = dict[str, str]


def by_tshark(file: Path) -> list[Row]:
    """The fields of each packet, as tshark reads them."""
    words = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "separator=|"]
    for field in FIELDS:
        words += ["-e", field]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in told.splitlines()]


def by_us(packet: packets.Packet) -> Row:
    """The same fields, from the parser; those that a packet has not are empty."""
    row = dict.fromkeys(FIELDS, "")
    row |= {"ipv6.src": packet.source, "ipv6.dst": packet.destination}
    row["icmpv6.type"] = TYPES.get(packet.kind, "")
    row["dhcpv6.msgtype"] = MESSAGES.get(packet.kind, "")
    match packet.message:
        case packets.RouterAdvertisement() as message:
            row |= _advertisement(message)
        case packets.NeighborSolicitation() as message:
            row["icmpv6.nd.ns.target_address"] = message.target
        case packets.NeighborAdvertisement() as message:
            row["icmpv6.nd.na.target_address"] = message.target
            for flag in ("router", "solicited", "override"):
                row[f"icmpv6.nd.na.flag.{flag[0]}"] = _flag(getattr(message, flag))
        case packets.DHCPv6() as message:
            given = [(*net.split("/"), str(valid)) for net, _, valid in message.prefixes]
            for at, name in enumerate(("pref_addr", "pref_len", "valid_lifetime")):
                row[f"dhcpv6.iaprefix.{name}"] = ",".join(each[at] for each in given)
    return row


def _advertisement(message: packets.RouterAdvertisement) -> Row:
    nets = message.prefixes
    return {
        "icmpv6.nd.ra.router_lifetime": str(message.lifetime),
        "icmpv6.nd.ra.flag.m": _flag(message.managed),
        "icmpv6.nd.ra.flag.o": _flag(message.other),
        "icmpv6.nd.ra.flag.prf": PREFERENCES[message.preference],
        "icmpv6.opt.prefix": ",".join(each.prefix.partition("/")[0] for each in nets),
        "icmpv6.opt.prefix.flag.l": ",".join(_flag(each.on_link) for each in nets),
        "icmpv6.opt.prefix.flag.a": ",".join(_flag(each.autonomous) for each in nets),
        "icmpv6.opt.prefix.valid_lifetime": ",".join(str(each.valid) for each in nets),
        "icmpv6.opt.prefix.preferred_lifetime": ",".join(str(each.preferred) for each in nets),
        "icmpv6.opt.rdnss": ",".join(message.rdnss),
    }


def _flag(value: bool) -> str:
    return "1" if value else "0"


@pytest.fixture(
    params=[ipv6.advertise, ipv6.neighbour, prefix_delegation.ask], ids=lambda s: s.name
)
def recorded(request: pytest.FixtureRequest) -> Iterator[bytes]:
    """What a lab's step records, on a lab of its own."""
    step: Step = request.param
    lab = labs.load(step.lab.name if step.lab else "")
    images.build("ipv6")
    with RunningLab(
        lab, make("namespaces", instance=f"test-tshark-{os.getpid()}", linger=0)
    ) as running:
        for earlier in running.lab.steps[: running.lab.steps.index(step)]:
            if earlier.undo:
                assert running.do(earlier).passed
        recording = running.do(step).artifact(Recording)
        assert recording is not None
        yield recording.pcap


def test_the_same_as_tshark(recorded: bytes, tmp_path: Path) -> None:
    """What a lab records says the same to the parser and to tshark, packet by packet."""
    file = tmp_path / "recorded.pcap"
    file.write_bytes(recorded)
    seen, told = packets.read(recorded), by_tshark(file)
    assert len(seen) == len(told) > 1
    for packet, theirs in zip(seen, told, strict=True):
        if packet.kind in TYPES or packet.kind in MESSAGES:
            assert by_us(packet) == theirs, packet.info
    assert any(packet.kind in TYPES or packet.kind in MESSAGES for packet in seen)


def test_lacp_the_same_as_tshark(tmp_path: Path) -> None:
    """Both ends of a LACPDU, in every single state, are what tshark reads."""
    frames = [lacpdu(state=1 << bit) for bit in range(8)] + [lacpdu(key=0xFFFF, state=0xFF)]
    file = tmp_path / "lacp.pcap"
    file.write_bytes(pcap(*frames))
    names = [
        f"lacp.{end}.{what}"
        for end in ("actor", "partner")
        for what in ("sysid", "key", "port", *(f"state.{name}" for name in STATES))
    ]
    words = ["tshark", "-n", "-r", str(file), "-T", "fields"]
    for name in names:
        words += ["-e", name]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    theirs = [line.replace("True", "1").replace("False", "0") for line in told.splitlines()]
    assert [_lacp(packet) for packet in packets.read(file.read_bytes())] == theirs


STATES = (
    "activity", "timeout", "aggregation", "synchronization", "collecting", "distributing",
    "defaulted", "expired",
)  # fmt: skip


def _lacp(packet: packets.Packet) -> str:
    """The same fields, from the parser."""
    message = packet.message
    assert isinstance(message, packets.LACP)
    row: list[str] = []
    for side in (message.actor, message.partner):
        row += [side.system, str(side.key), str(side.port)]
        row += [_flag(name in side.states) for name in lacp.STATES]
    return "\t".join(row)
