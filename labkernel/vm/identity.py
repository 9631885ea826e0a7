"""Gives a restored machine its identity; until then it equals every other one of its template.

Its MAC addresses come from QEMU: the NICs' drivers are bound now, and read them.  Keys, names,
addresses and sysctls come by SSH, with the template's key for the last time.  The kernel's random
numbers differ, since QEMU gives each restore another generation id (vmgenid).
"""

import hashlib
import shlex
import time
from collections.abc import Iterable, Mapping

from labkernel.topology import Interface, Port
from labkernel.vm.seed import Seed

_BIND = """\
bind() {  # PCI device, name
    echo "0000:00:$1" >/sys/bus/pci/drivers/virtio-pci/bind
    for found in /sys/bus/pci/devices/0000:00:$1/virtio*/net/*; do
        [ "${found##*/}" = "$2" ] || ip link set "${found##*/}" name "$2"
    done
}
"""


def machine_id(lab: str, node: str) -> str:
    """A machine-id (machine-id(5)) that is the same at each start, as its MAC addresses are."""
    return hashlib.sha256(f"{lab} {node} machine-id".encode()).hexdigest()[:32]


def script(
    lab: str,
    seed: Seed,
    ports: Iterable[Port],
    sysctls: Mapping[str, str],
    hosts: str,
) -> str:
    """A script for bash that tells a machine who it is.

    :param hosts: its /etc/hosts.
    """
    files = seed.files()
    lines = [
        "set -e",
        f"date -s @{time.time():.3f} >/dev/null",
        f"hostname {seed.name}",
        _put("/etc/hostname", files["hostname"]),
        _put("/etc/hosts", hosts),
        _put("/etc/machine-id", machine_id(lab, seed.name) + "\n"),
        _put("/etc/ssh/ssh_host_key", files["host_key"]),
        _put("/root/.ssh/authorized_keys", files["authorized_keys"]),
        *(_put("/proc/sys/" + name.replace(".", "/"), value) for name, value in sysctls.items()),
        _BIND,
    ]
    batch: list[str] = []
    for slot, port in enumerate(ports):
        lines.append(f"bind {4 + slot:02x}.0 {port.name}")
        batch += configuration(port)
    if batch:
        lines.append("ip -batch - <<'END'\n" + "\n".join(batch) + "\nEND")
    lines.append("kill -HUP $(cat /run/sshd.pid)")
    return "\n".join(lines)


def _put(path: str, text: str) -> str:
    return f"printf %s {shlex.quote(text)} >{path}"


def configuration(port: Port) -> list[str]:
    """Lines for ``ip -batch``.  As in namespaces declared addresses, and the link-local one, skip
    duplicate address detection; afterwards the interface behaves as Linux has it by default."""
    name = port.name
    return [
        f"link set {name} addrgenmode none",
        f"link set {name} up",
        *(f"address add {a}{_options(a)} dev {name}" for a in (port.link_local, *port.addresses)),
        f"link set {name} addrgenmode eui64",
    ]


def _options(address: Interface) -> str:
    if address.version == 6:
        return " nodad"
    return " broadcast +" if address.network.prefixlen < 31 else ""
