"""Probes by scripts on nodes: whole ranges of ports, and advertisements of strangers."""

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from labkernel import Attempt

# From a raw socket, without a connection's state: 65,535 ports of TCP take half a second.  The
# kernel computes the checksum (IPV6_CHECKSUM, RFC 3542, 3.1); the segment is SYN, 20 octets.
_SCAN = b"""
import select, socket, struct, sys
target, source_port = sys.argv[1], int(sys.argv[2])
skipped = set(map(int, sys.argv[3].split(",")))
tcp = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_TCP)
tcp.setsockopt(socket.IPPROTO_IPV6, 7, 16)
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
def send(way, data, port):
    try:
        way.sendto(data, (target, port))
    except OSError:
        pass
for port in range(1, 65536):
    if port in skipped:
        continue
    send(tcp, struct.pack("!HHIIBBHHH", source_port, port, 1, 0, 80, 2, 1024, 0, 0), 0)
    send(udp, b"", port)
answered = set()
while select.select([tcp], [], [], 0.1)[0]:
    data, peer = tcp.recvfrom(64)
    if len(data) >= 14 and struct.unpack("!H", data[2:4])[0] == source_port:
        answered.add(struct.unpack("!H", data[:2])[0])
print(*sorted(answered)[:5])
"""

#: TCP's and UDP's counters of what has arrived; for UDP, with and without a listener
_COUNTERS = "grep -h -e ^Tcp: /proc/net/snmp; grep -e ^Udp6 /proc/net/snmp6"


def arrived(attempt: "Attempt", node: str, wrap: str = "") -> dict[str, int]:
    """The number of TCP segments and UDP datagrams that have arrived at a node.

    :param wrap: the command by which a container on the node is asked.
    """
    counters = attempt.run(node, f"{wrap} sh -c '{_COUNTERS}'" if wrap else _COUNTERS).output
    names, values = [*re.findall(r"^Tcp: (.*)$", counters, re.MULTILINE), "", ""][:2]
    tcp = dict(zip(names.split(), values.split(), strict=False)).get("InSegs", "0")
    udp = re.findall(r"^Udp6(?:InDatagrams|NoPorts)\s+(\d+)", counters, re.MULTILINE)
    return {"TCP": int(tcp), "UDP": sum(map(int, udp))}


def let_in(
    attempt: "Attempt",
    sender: str,
    address: str,
    node: str,
    *,
    wrap: str = "",
    allowed: "Container[int]" = (),
) -> str:
    """Send TCP and UDP to every port of an address; what of it arrives, as a clause.

    The receiver's counters are asked, since an answer may come from a filter on the way.

    :param wrap: the command by which a container on the node is asked.
    :param allowed: ports that are left out.
    :returns: empty if nothing arrives.
    """
    skipped = ",".join(str(port) for port in range(65536) if port == 0 or port in allowed)
    before = arrived(attempt, node, wrap)
    words = ["python3", "-", address, str(random.randrange(20000, 60000)), skipped]
    answered = attempt.run(sender, words, stdin=_SCAN).output.split()
    after = arrived(attempt, node, wrap)
    if after["TCP"] > before["TCP"]:
        ports = f" (port {answered[0]}, for one)" if answered and answered[0].isdigit() else ""
        return f"a TCP segment from {sender} arrives{ports}"
    if after["UDP"] > before["UDP"]:
        return f"a UDP datagram from {sender} arrives"
    return ""


# A Router Advertisement (RFC 4861, 4.2) from an address that is made for it.  A ping that follows
# it by the same way tells that it has been there.
_ADVERTISE = b"""
import socket, struct, subprocess, sys
interface, source, beyond = sys.argv[1:4]
address = ["ip", "-6", "address", "add", source + "/64", "dev", interface, "nodad"]
subprocess.run(address, check=True)
scope = socket.if_nametoindex(interface)
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as way:
    way.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    way.bind((source, 0, 0, scope))
    for lifetime in map(int, sys.argv[4:]):
        packet = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x08, lifetime, 0, 0)
        way.sendto(packet, ("ff02::1", 0, 0, scope))
ping = ["ping", "-n", "-c", "1", "-W", "1", f"{beyond}%{interface}"]
subprocess.run(ping, stdout=subprocess.DEVNULL)
address[3] = "del"
subprocess.run(address[:-1], check=True)
"""


def advertise_as_stranger(
    attempt: "Attempt", node: str, interface: str, source: str, beyond: str, *lifetimes: int
) -> None:
    """Send advertisements from a link-local address that nobody has, and wait until they are there.

    :param beyond: the link-local address of who must get them: it is pinged after them.
    :param lifetimes: of each advertisement, in seconds.
    """
    words = ["python3", "-", interface, source, beyond, *map(str, lifetimes)]
    attempt.run(node, words, stdin=_ADVERTISE, expect=0)


def stranger() -> str:
    """A link-local address that nobody can foretell."""
    return f"fe80::{random.randrange(1, 0xFFFF):x}:{random.randrange(1, 0xFFFF):x}"


def advertisements(attempt: "Attempt", node: str) -> int:
    """The number of advertisements that a node's kernel has been given."""
    counters = attempt.run(node, ["cat", "/proc/net/snmp6"]).output
    found = re.search(r"^Icmp6InRouterAdvertisements\s+(\d+)", counters, re.MULTILINE)
    return int(found[1]) if found else 0


# A Solicit with an IA_NA (RFC 8415); what is printed are the addresses that are offered.
_SOLICIT = b"""
import os, socket, struct, sys
interface = sys.argv[1]
way = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
way.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    way.bind(("::", 546))
except OSError:
    sys.exit(0)
way.settimeout(1)
option = lambda code, data: struct.pack("!HH", code, len(data)) + data
message = b"\\1" + os.urandom(3) + option(1, b"\\0\\3\\0\\1" + os.urandom(6))
message += option(8, b"\\0\\0") + option(3, os.urandom(4) + bytes(8))
def options(data):
    while len(data) >= 4:
        code, length = struct.unpack("!HH", data[:4])
        yield code, data[4:4 + length]
        data = data[4 + length:]
way.sendto(message, ("ff02::1:2", 547, 0, socket.if_nametoindex(interface)))
try:
    while True:
        answer = way.recv(4096)
        if answer[:4] == b"\\2" + message[1:4]:
            break
except OSError:
    sys.exit(0)
for code, data in options(answer[4:]):
    for inner, more in options(data[12:]) if code == 3 else ():
        if inner == 5 and len(more) >= 16:
            print(socket.inet_ntop(socket.AF_INET6, more[:16]))
"""


def offered(attempt: "Attempt", node: str, interface: str) -> list[str]:
    """The addresses that a DHCPv6 server offers to a node that asks for one."""
    return attempt.run(node, ["python3", "-", interface], stdin=_SOLICIT).output.split()
