"""Configures a machine once it answers: names of interfaces, addresses, sysctls, /etc/hosts.

The namespaces backend uses netlink for that; here one shell script does the same over SSH.
"""

import shlex

from labkernel.topology import Node, Topology
from labkernel.vm import identity

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
    lines = [_FUNCTIONS + f"cat >/etc/hosts <<'END'\n{topology.hosts()}END"]
    # by way of names that nobody has: another interface may still have the final one
    lines += [f"rename {port.mac} {_passing(index)}" for index, port in enumerate(ports)]
    lines += [f"rename {port.mac} {port.name}" for port in ports]
    for name, value in node.settings.items():
        lines.append(f"sysctl -qw {shlex.quote(f'{name}={value}')}")
    batch = ["link set lo up", *(line for port in ports for line in identity.configuration(port))]
    return "\n".join([*lines, "ip -batch - <<'END'", *batch, "END"]) + "\n"


def _passing(index: int) -> str:
    return f"labkernel{index}"
