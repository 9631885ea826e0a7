"""What a machine is told once it answers: names of its interfaces, addresses, settings, hosts.

In namespaces the kernel is told by netlink; here one shell script does the same, over SSH.
"""

import ipaddress
import shlex
from collections.abc import Iterator

from labkernel.topology import Interface, Node, Port, Topology

_LOOPBACK = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
_FORWARDING = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}
_FUNCTIONS = """\
set -eu
of() {
    for path in /sys/class/net/*; do
        if [ "$(cat "$path/address")" = "$1" ]; then basename "$path"; return; fi
    done
    echo "no interface has the MAC address $1" >&2; exit 1
}
rename() { ip link set "$(of "$1")" down; ip link set "$(of "$1")" name "$2"; }
"""


def script(topology: Topology, node: Node) -> str:
    """A script for sh that makes a freshly booted machine the node that the topology declares."""
    ports = topology.ports_of(node.name)
    settings = (_FORWARDING if node.forwards else {}) | dict(node.sysctls)
    lines = [_FUNCTIONS + f"cat >/etc/hosts <<'END'\n{_LOOPBACK}{hosts(topology)}END"]
    # by way of names that nobody has: another interface may still have the final one
    lines += [f"rename {port.mac} {_passing(place)}" for place, port in enumerate(ports)]
    lines += [f"rename {port.mac} {port.name}" for port in ports]
    lines += [f"sysctl -qw {shlex.quote(f'{name}={value}')}" for name, value in settings.items()]
    return "\n".join([*lines, "ip -batch - <<'END'", *_configuration(ports), "END"]) + "\n"


def _passing(place: int) -> str:
    return f"labkernel{place}"


def hosts(topology: Topology) -> str:
    """Every declared address with the name of its node: names work before there is a DNS server."""
    return "".join(
        f"{address.ip} {port.node}\n" for port in topology.ports for address in port.addresses
    )


def _configuration(ports: tuple[Port, ...]) -> Iterator[str]:
    """Lines for ``ip -batch``; the link-local address comes without duplicate address detection,
    as in the other backends, and afterwards interfaces behave as Linux has them by default."""
    yield "link set lo up"
    for port in ports:
        yield f"link set {port.name} addrgenmode none"
        yield f"link set {port.name} up"
        for address in (link_local(port.mac), *port.addresses):
            yield f"address add {address}{_options(address)} dev {port.name}"
        yield f"link set {port.name} addrgenmode eui64"


def _options(address: Interface) -> str:
    if address.version == 6:
        return " nodad"
    return " broadcast +" if address.network.prefixlen < 31 else ""


def link_local(mac: str) -> ipaddress.IPv6Interface:
    """The link-local address that the kernel makes from a MAC address (RFC 4291, appendix A)."""
    octets = bytearray.fromhex(mac.replace(":", ""))
    octets[0] ^= 2
    identifier = octets[:3] + b"\xff\xfe" + octets[3:]
    return ipaddress.IPv6Interface((b"\xfe\x80" + bytes(6) + bytes(identifier), 64))
