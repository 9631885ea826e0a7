"""Packets, from octets to what they say."""

import ipaddress
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkernel import LabError, packets
from labkernel.packets.frame import decode

ROUTER, CLIENT = "fe80::1", "fe80::c"
ROUTER_MAC, CLIENT_MAC = "02:00:00:00:00:01", "02:00:00:00:00:0c"


def ip6(text: str) -> bytes:
    return ipaddress.IPv6Address(text).packed


def frame(payload: bytes, header: int = 58, source: str = ROUTER, to: str = "ff02::1") -> bytes:
    """An Ethernet frame with an IPv6 packet."""
    ethernet = bytes.fromhex("333300000001" + ROUTER_MAC.replace(":", "") + "86dd")
    head = struct.pack("!IHBB", 6 << 28, len(payload), header, 255)
    return ethernet + head + ip6(source) + ip6(to) + payload


def pcap(*frames: bytes, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    """A pcap file with a frame every half second."""
    unit = 500_000 if magic == 0xA1B2C3D4 else 500_000_000
    data = struct.pack(f"{order}IHHIIII", magic, 2, 4, 0, 0, 65535, 1)
    for at, each in enumerate(frames):
        seconds, half = divmod(at, 2)
        data += struct.pack(f"{order}IIII", seconds, half * unit, len(each), len(each)) + each
    return data


RA = (
    bytes([134, 0, 0, 0, 64, 0x40 | 0x08])
    + struct.pack("!HII", 180, 0, 0)
    + bytes([3, 4, 64, 0xC0])
    + struct.pack("!III", 86400, 14400, 0)
    + ip6("2001:db8::")
    + bytes([25, 3, 0, 0])
    + struct.pack("!I", 60)
    + ip6("2001:db8::1")
    + bytes([5, 1, 0, 0])
    + struct.pack("!I", 1492)
    + bytes([1, 1])
    + bytes.fromhex("020000000001")
)
NS_DAD = bytes([135, 0, 0, 0]) + bytes(4) + ip6("2001:db8::c")
NA = bytes([136, 0, 0, 0, 0xE0, 0, 0, 0]) + ip6("2001:db8::1") + bytes([2, 1, 2, 0, 0, 0, 0, 1])


def option(code: int, octets: bytes) -> bytes:
    return struct.pack("!HH", code, len(octets)) + octets


def udp(payload: bytes, source: int, to: int) -> bytes:
    return struct.pack("!HHHH", source, to, 8 + len(payload), 0) + payload


PREFIX = option(26, struct.pack("!IIB", 3000, 4000, 60) + ip6("2001:db8:100::"))
ADDRESS = option(5, ip6("2001:db8::77") + struct.pack("!II", 30, 40))
REPLY = udp(
    bytes([7, 0, 0, 9])
    + option(1, b"\1\2")
    + option(2, b"\3\4")
    + option(25, bytes(12) + PREFIX)
    + option(3, bytes(12) + ADDRESS)
    + option(23, ip6("2001:db8::53")),
    547,
    546,
)


def one(data: bytes) -> packets.Packet:
    return decode(1, 0.0, data)


def test_router_advertisement() -> None:
    """An RA has its flags, lifetimes, prefixes, DNS servers and MTU."""
    packet = one(frame(RA))
    assert (packet.kind, packet.source, packet.problem) == ("RA", ROUTER, "")
    assert packet.message == packets.RouterAdvertisement(
        64, False, True, "high", 180,
        prefixes=(packets.PrefixInformation("2001:db8::/64", True, True, 86400, 14400),),
        rdnss=("2001:db8::1",), rdnss_lifetime=60, mtu=1492, link_layer=ROUTER_MAC,
    )  # fmt: skip
    assert packet.info == (
        "lifetime 180 s, flags O, preference high; prefix 2001:db8::/64 (L A, valid 86400 s, "
        "preferred 14400 s); DNS 2001:db8::1 (60 s); MTU 1492"
    )


def test_neighbour_discovery() -> None:
    """DAD's solicitation comes from ::, and an NA has its flags."""
    assert one(frame(NS_DAD, source="::")).info == "who has 2001:db8::c? (is it free? DAD)"
    assert one(frame(NS_DAD)).info == "who has 2001:db8::c?"
    assert one(frame(NA)).info == f"2001:db8::1 is at {ROUTER_MAC} (flags RSO)"


def test_dhcpv6() -> None:
    """A Reply has the prefix and the address that it gives."""
    message = one(frame(REPLY, 17)).message
    assert isinstance(message, packets.DHCPv6)
    assert (message.kind, message.client_id, message.server_id) == ("Reply", "0102", "0304")
    assert message.prefixes == (("2001:db8:100::/60", 3000, 4000),)
    assert message.addresses == (("2001:db8::77", 30, 40),)
    assert message.dns == ("2001:db8::53",)


def test_dns() -> None:
    """A query says what it asks for, a response what it answers."""
    question = b"\3www\7example\0" + struct.pack("!HH", 28, 1)
    query = bytes.fromhex("000101000001000000000000") + question
    assert one(frame(udp(query, 40000, 53), 17)).info == "AAAA? www.example"
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 28, 1, 60, 16) + ip6("2001:db8:f::1")
    response = bytes.fromhex("000181800001000100000000") + question + answer
    packet = one(frame(udp(response, 53, 40000), 17))
    assert (packet.kind, packet.info) == ("DNS response", "AAAA? www.example: 2001:db8:f::1")


def test_extension_headers() -> None:
    """What stands behind extension headers is found; a later fragment is said to be one."""
    mld = bytes([58, 0, 5, 2, 0, 0, 1, 0]) + bytes([131, 0, 0, 0, 0, 0, 0, 0]) + ip6("ff02::fb")
    assert one(frame(mld, 0)).kind == "MLD report"
    assert "later fragment" in one(frame(bytes([58, 0, 0x05, 0xA8, 0, 0, 0, 1]), 44)).info


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
def test_file(order: str, magic: int) -> None:
    """Both byte orders and both units of time are read; a frame that is cut off is left out."""
    data = pcap(frame(RA), frame(NA), order=order, magic=magic)
    assert [(p.number, p.time, p.kind) for p in packets.read(data)] == [
        (1, 0.0, "RA"),
        (2, 0.5, "NA"),
    ]
    assert [p.kind for p in packets.read(data[:-1])] == ["RA"]
    assert packets.read(b"") == []


def test_not_a_file() -> None:
    """Another file, or another link type, is refused in a sentence."""
    with pytest.raises(LabError, match="no pcap file"):
        packets.read(b"PK\3\4" + bytes(40))
    with pytest.raises(LabError, match="link type 113"):
        packets.read(pcap()[:20] + struct.pack("<I", 113))


def test_origin() -> None:
    """An address is traced to the Reply or the advertisement that gave it, the first one."""
    seen = packets.read(pcap(frame(RA), frame(REPLY, 17), frame(RA)))
    by = {
        address: packets.origin(seen, address)
        for address in ("2001:db8::abcd", "2001:db8::77/128", "2001:db8:100:5::1/64", "3fff::1")
    }
    told = {address: (o.how, o.packet.number) if o else None for address, o in by.items()}
    assert told == {
        "2001:db8::abcd": ("SLAAC", 1),
        "2001:db8::77/128": ("DHCPv6", 2),
        "2001:db8:100:5::1/64": ("prefix delegation", 2),
        "3fff::1": None,
    }


def test_origin_of_what_another_was_sent() -> None:
    """What was sent to one node alone gave another node nothing."""
    alone = bytes.fromhex(CLIENT_MAC.replace(":", "")) + frame(RA)[6:]
    seen = packets.read(pcap(alone, frame(RA)))
    for receiver, number in ((CLIENT_MAC, 1), ("02:00:00:00:00:0d", 2)):
        found = packets.origin(seen, "2001:db8::abcd", [receiver])
        assert found is not None
        assert found.packet.number == number


def test_no_origin_without_the_flag() -> None:
    """An advertisement without the A flag, or with lifetime 0, gives no address."""
    silent = RA.replace(bytes([3, 4, 64, 0xC0]), bytes([3, 4, 64, 0x80]))
    over = RA.replace(struct.pack("!I", 86400), bytes(4))
    for each in (silent, over):
        assert packets.origin(packets.read(pcap(frame(each))), "2001:db8::abcd") is None


def test_table() -> None:
    """A row for each packet, with names where they are known."""
    shown = packets.table(packets.read(pcap(frame(RA))), {ROUTER: "router"})
    assert list(shown.columns) == ["time", "from", "to", "message", "details"]
    assert shown.loc[1, "from"] == "router (fe80::1)"


def lacpdu(key: int = 9, length: int = 20, subtype: int = 1, state: int = 61) -> bytes:
    """A frame of LACP, of a system that distributes, to one that it does not know yet."""
    actor = bytes([1, length]) + struct.pack(
        "!H6sHHHB3x", 65535, bytes(5) + b"\x01", key, 255, 2, state
    )
    partner = bytes([2, 20]) + bytes(14) + bytes([2, 0, 0, 0])
    head = bytes.fromhex("0180c2000002" + ROUTER_MAC.replace(":", "") + "8809")
    return head + bytes([subtype, 1]) + actor + partner + bytes([3, 16]) + bytes(14 + 52)


def test_lacp() -> None:
    """A LACPDU says of each end which system it is, and of its port in which state it is."""
    seen = one(lacpdu())
    assert seen.kind == "LACP"
    assert isinstance(seen.message, packets.LACP)
    assert seen.message.actor == packets.Side(
        "00:00:00:00:00:01", 9, 2,
        ("active", "aggregatable", "in sync", "collecting", "distributing"),
    )  # fmt: skip
    assert seen.message.partner.states == ("fast",)
    assert one(lacpdu(length=19)).problem == "information 1 of 19 octets where 1 must be"
    assert one(lacpdu(subtype=2)).kind == "other"


WHOLE = [frame(RA), frame(NS_DAD), frame(NA), frame(REPLY, 17), lacpdu()]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(WHOLE),
    st.integers(0, 300),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=6),
)
def test_damaged_frames(data: bytes, length: int, changes: list[tuple[int, int]]) -> None:
    """A frame that is cut off or changed gives a packet or a problem, never an error."""
    damaged = bytearray(data[:length])
    for at, octet in changes:
        if damaged:
            damaged[at % len(damaged)] = octet
    assert one(bytes(damaged)).kind


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([58, 17, 6, 0, 44, 60]), st.binary(max_size=200))
def test_random_packets(header: int, payload: bytes) -> None:
    """Whatever stands in an IPv6 packet, it gives a packet or a problem, never an error."""
    assert one(frame(payload, header)).kind


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_files(data: bytes) -> None:
    """A file is read, or refused in a sentence."""
    assert isinstance(packets.read(pcap() + data), list)
    if 0 < len(data) < 24:
        with pytest.raises(LabError, match="no pcap file"):
            packets.read(data)


def test_an_option_of_length_zero() -> None:
    """An option that never ends is a problem, and the reading of it ends."""
    assert one(frame(bytes([133, 0, 0, 0]) + bytes(4) + bytes([1, 0]))).problem == (
        "an option of length 0"
    )
