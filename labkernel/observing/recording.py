"""Records packets of a link: tcpdump on a node, from before the command until after the check."""

import ipaddress
import itertools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from labkernel.attempt import Nodes, Workbench, read_file
from labkernel.errors import BackendError, LabError, NodeLost, last_line
from labkernel.observing.protocol import OnArtifact

if TYPE_CHECKING:
    from labkernel.command import Result
    from labkernel.packets import Packet
    from labkernel.topology import Port, Topology

PACKETS = 1000
"""The maximum number of packets; a recording ends after these."""
OCTETS = 2048
"""The octets kept of each packet: all of it where the MTU is 1500."""

_LISTENS = "listening on"
# On a busy machine tcpdump may run after the command.  A packet makes it runnable before anyone can
# see the packet, so a tcpdump that sleeps has written all packets until now.
_WRITE_ALL = """
for ((tries = 0; tries < 500; tries++)); do
    read -r _ _ state _ 2>/dev/null < "/proc/$(cat "$0")/stat" || exit 0
    [[ $state == S ]] && exit 0
    sleep 0.01
done
"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Capture:
    """The declaration of a capture: an interface, and a filter.

    :param at: a link's name (its first interface then), or ``"node:interface"``.
    :param only: a filter, see pcap-filter(7); empty: everything.
    """

    at: str
    only: str = ""

    def require(self, topology: "Topology") -> None:
        """Raise LabError if the lab has no such interface."""
        self.port(topology)

    def start(self, bench: Workbench, _node: str, _on: OnArtifact | None) -> "Recorder":
        """Start the recording."""
        return Recorder(bench, self)

    def port(self, topology: "Topology") -> "Port":
        """The interface on which packets are recorded.

        :raises LabError: the lab has no such link or interface.
        """
        for port in topology.ports:
            if self.at in (port.link, f"{port.node}:{port.name}"):
                return port
        links = ", ".join(link.name for link in topology.links)
        raise LabError(
            f'capture("{self.at}"): lab "{topology.name}" has no such link or interface; '
            f'links: {links or "none"}; an interface is written "node:eth0"'
        )


def capture(at: str, only: str = "") -> Capture:
    """Record a link while a step runs: ``lab.step(…, observe=[capture("lan", only="icmp6")])``.

    :param at: a link's name, or ``"node:interface"``.
    :param only: a filter, see pcap-filter(7); empty: everything.
    """
    return Capture(at, only)


@dataclass(frozen=True)
class Recording:
    """The artifact of a capture.

    :param at: the interface, ``"router:eth1"``.
    :param link: its link's name.
    :param pcap: the packets as a pcap file.
    :param full: whether it ended early, at :data:`PACKETS`.
    :param names: names of nodes, by their MAC and IP addresses.
    :param addresses: node, interface and address (``2001:db8::1/64``) of each address of global
        scope of the nodes on the link, at the step's end.
    """

    at: str
    link: str
    pcap: bytes
    full: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[tuple[str, str, str], ...] = ()

    mime = "application/vnd.tcpdump.pcap"

    @cached_property
    def packets(self) -> "list[Packet]":
        """The packets, decoded."""
        from labkernel import packets

        return packets.read(self.pcap)


class Recorder:
    """A capture that runs.

    :raises BackendError: tcpdump does not start; with its message.
    """

    def __init__(self, nodes: Nodes, what: Capture) -> None:
        self._nodes = nodes
        self._port = what.port(nodes.topology)
        name = f"/run/labkernel-capture-{next(_numbers)}"
        self._file, self._pid_file = f"{name}.pcap", f"{name}.pid"
        self._messages = ""
        self._result: Result | None = None
        self._problem: LabError | None = None
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(what.only,), daemon=True)
        self._thread.start()
        self._settled.wait()
        if _LISTENS not in self._messages:
            self._thread.join()
            self._remove_files()
            raise self._problem or BackendError(
                f"{self._port.node}: tcpdump on {self._port.name} did not start: "
                f"{last_line(self._messages) or 'it printed nothing'}"
            )

    def _work(self, only: str) -> None:
        # -Z root: a rootless node may have no other user; --immediate-mode -U: each packet at once
        tcpdump = (
            f"tcpdump -i {self._port.name} -n -p -U --immediate-mode -Z root -c {PACKETS} "
            f'-s {OCTETS} -w {self._file} "$0"'
        )
        words = ["bash", "-c", f"echo $$ > {self._pid_file}; exec {tcpdump}", only]
        try:
            self._result = self._nodes.run(self._port.node, words, self._on_message, None)
        except LabError as error:
            self._problem = error
        finally:
            self._settled.set()

    def _on_message(self, text: str) -> None:
        self._messages += text
        if _LISTENS in self._messages:
            self._settled.set()

    def feed(self, text: str) -> None:
        """Ignore the command's output."""

    def command_ended(self) -> None:
        """Continue: the packets of the check are recorded, too."""

    def so_far(self) -> bytes:
        """The packets until now, as a pcap file."""
        self._write_all()
        return read_file(self._nodes, self._port.node, self._file)

    def _write_all(self) -> None:
        self._nodes.run(self._port.node, ["bash", "-c", _WRITE_ALL, self._pid_file])

    def stop(self) -> tuple[Recording | None, BackendError | None]:
        """End the recording.

        :returns: the recording, or the error if the node has ended.
        """
        try:
            return self._stop(), None
        except BackendError as error:
            return None, error

    def _stop(self) -> Recording:
        node = self._port.node
        self._write_all()
        script = f"kill -INT $(cat {self._pid_file}) 2>/dev/null; true"
        self._nodes.run(node, ["bash", "-c", script])
        self._thread.join()
        if self._problem:
            raise self._problem
        pcap = read_file(self._nodes, node, self._file)
        self._remove_files()
        addresses = self._addresses()
        return Recording(
            at=f"{node}:{self._port.name}",
            link=self._port.link,
            pcap=pcap,
            full=f"{PACKETS} packets captured" in self._messages,
            names=_names(self._nodes.topology, addresses),
            addresses=tuple((a, b, c) for a, b, c, scope in addresses if scope == "global"),
        )

    def _remove_files(self) -> None:
        if not isinstance(self._problem, NodeLost):
            self._nodes.run(self._port.node, ["rm", "-f", self._file, self._pid_file])

    def _addresses(self) -> list[tuple[str, str, str, str]]:
        """Node, interface, address and scope of each IPv6 address of the nodes on the link."""
        there = dict.fromkeys(port.node for port in self._nodes.topology.on_link(self._port.link))
        return [found for node in there for found in self._addresses_of(node)]

    def _addresses_of(self, node: str) -> list[tuple[str, str, str, str]]:
        listed = self._nodes.run(node, ["ip", "-6", "-j", "address", "show"])
        if not listed.ok:
            return []
        return [
            (node, interface["ifname"], f"{info['local']}/{info['prefixlen']}", info["scope"])
            for interface in json.loads(listed.output or "[]")
            for info in interface.get("addr_info", ())
            if interface["ifname"] != "lo"
        ]


def _names(topology: "Topology", addresses: list[tuple[str, str, str, str]]) -> dict[str, str]:
    names = {port.mac: port.node for port in topology.ports}
    for port in topology.ports:
        names |= {str(address.ip): port.node for address in port.addresses}
    for node, _, address, _ in addresses:
        names[str(ipaddress.ip_interface(address).ip)] = node
    return names
