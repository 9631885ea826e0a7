"""Nodes as machines of VirtualBox: linked clones, their NICs, and the CD with their names and keys.

A name is for people only: VirtualBox lets two machines have the same, so what is ours is told by
the UUID, which is written down before the machine is made.
"""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from labkernel.backends.virtualbox import cleanup, diagnostics
from labkernel.backends.virtualbox.imports import Base
from labkernel.backends.virtualbox.records import Clone, Record
from labkernel.backends.virtualbox.vboxmanage import Refused, VBoxManage
from labkernel.errors import BackendError
from labkernel.topology import Node, Port, Topology
from labkernel.vm.layers import LEAST_MEMORY
from labkernel.vm.seed import CONTROL_MAC

#: of the chipset that every guest has drivers for
_MOST_NICS = 8
#: of the lab; the one before is for commands
FIRST_NIC = 2
_FORWARD = "ssh"
#: of the SATA controller: the first disk has 0, the CD 1
_SECOND_PORT = "2"
_NEW = "new"


def memory(node: Node) -> int:
    """The RAM of a node's machine, in MiB."""
    return max(node.memory, LEAST_MEMORY)


def require_nics(topology: Topology) -> None:
    """Raise if a node has more interfaces than a machine can have."""
    for node in topology.nodes:
        if len(topology.ports_of(node.name)) >= _MOST_NICS:
            raise BackendError(
                f"{node.name}: a machine of VirtualBox has {_MOST_NICS} NICs, one of them for "
                f"commands, and the node has {len(topology.ports_of(node.name))} interfaces"
            )


@contextlib.contextmanager
def free_ports(count: int) -> Iterator[list[int]]:
    """Ports of 127.0.0.1 that nobody has, kept from others meanwhile."""
    with contextlib.ExitStack() as held:
        ports = []
        for _ in range(count):
            sock = held.enter_context(socket.socket())
            sock.bind(("127.0.0.1", 0))
            ports.append(sock.getsockname()[1])
        yield ports


def is_free(port: int) -> bool:
    """Check if no process listens on a port of 127.0.0.1."""
    with socket.socket() as sock:
        # under Unix, connections that have just ended must not count; Windows lets two listen
        # without the other option
        option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
        sock.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def make(
    manage: VBoxManage, record: Record, topology: Topology, clone: Clone, base: Base, cd: Path
) -> None:
    """Register a node's machine, complete but not started.

    :raises BackendError: VirtualBox refuses; with what it says.
    """
    node = topology.node(clone.node)
    try:
        _clone(manage, record, clone, base)
        nics = _nics(record, topology.ports_of(node.name))
        manage.run("modifyvm", clone.uuid, *_settings(record, node, clone), *nics)
        words = ("--storagectl", "SATA", "--port", "1", "--device", "0", "--type", "dvddrive")
        manage.run("storageattach", clone.uuid, *words, "--medium", str(cd))
        if node.disk:
            _second_disk(manage, record, clone, node.disk)
        manage.run("snapshot", clone.uuid, "take", _NEW)
    except Refused as error:
        why = diagnostics.in_words(error)
        raise BackendError(f"{node.name}: VirtualBox made no machine of it: {why}") from None


def restore(manage: VBoxManage, clone: Clone) -> None:
    """Put a machine that has just been stopped back to what it was before its first start."""
    cleanup.patiently(manage, "snapshot", clone.uuid, "restore", _NEW)
    # it may have been given another port since
    with contextlib.suppress(Refused):
        forward_again(manage, clone)


def _clone(manage: VBoxManage, record: Record, clone: Clone, base: Base) -> None:
    words = [f"--snapshot={base.snapshot}", "--options=link", f"--uuid={clone.uuid}", "--register"]
    words += [
        f"--name=labkernel-{record.instance}-{clone.node}",
        f"--basefolder={record.folder / 'machines'}",
    ]
    manage.run("clonevm", base.uuid, *words)


def _second_disk(manage: VBoxManage, record: Record, clone: Clone, size: int) -> None:
    """An empty disk of so many GiB beside the first one.  It takes what is written to it, is put
    back with the machine, and goes with it.  Linux looks at both ports at once: either may be sda.
    """
    file = str(record.folder / "machines" / f"{clone.node}-second.vdi")
    manage.run("createmedium", "disk", f"--filename={file}", f"--size={size << 10}")
    words = ("--storagectl", "SATA", "--port", _SECOND_PORT, "--device", "0", "--type", "hdd")
    manage.run("storageattach", clone.uuid, *words, "--medium", file, "--discard", "on")


def _settings(record: Record, node: Node, clone: Clone) -> Iterator[str]:
    yield from ("--memory", str(memory(node)), "--groups", "/labkernel")
    yield from ("--description", f'Node {node.name} of lab "{record.lab}"; labkernel removes it.')
    yield from ("--audio-enabled", "off", "--usb-ohci", "off", "--boot1", "disk", "--boot2", "none")
    yield from ("--uart1", "0x3F8", "4", "--uart-mode1", "file", str(console(record, node.name)))
    yield from ("--nic1", "nat", "--nic-type1", "virtio", "--mac-address1", _plain(CONTROL_MAC))
    # what the NAT would let a machine do: reach what listens on the computer's own loopback
    yield from ("--nat-localhostreachable1", "off")
    yield from ("--nat-pf1", forward(clone.port))


def forward(port: int) -> str:
    """The rule by which a port of 127.0.0.1, which nobody else reaches, leads to SSH."""
    return f"{_FORWARD},tcp,127.0.0.1,{port},,22"


def forward_again(manage: VBoxManage, clone: Clone) -> None:
    """Forward another port to a machine that does not run."""
    manage.run("modifyvm", clone.uuid, "--nat-pf1", "delete", _FORWARD)
    manage.run("modifyvm", clone.uuid, "--nat-pf1", forward(clone.port))


def _nics(record: Record, ports: tuple[Port, ...]) -> Iterator[str]:
    for number, port in enumerate(ports, start=FIRST_NIC):
        yield from (f"--nic{number}", "intnet", f"--intnet{number}", network(record, port.link))
        yield from (f"--nic-type{number}", "virtio", f"--mac-address{number}", _plain(port.mac))
        # a wire carries what it is given, also frames from and to other addresses
        yield from (f"--nic-promisc{number}", "allow-vms", f"--cable-connected{number}", "on")


def network(record: Record, link: str) -> str:
    """The internal network of a link: its folder's name, so that no two running labs meet."""
    return f"labkernel-{record.folder.name}-{link}"


def console(record: Record, node: str) -> Path:
    """The file with what a node prints on its serial console."""
    return record.folder / f"{node}.console"


def _plain(mac: str) -> str:
    return mac.replace(":", "")
