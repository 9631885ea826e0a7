"""Makes the nodes of a lab and the wires between them, in the supervisor.

Standard library alone: see supervisor.py.
"""

import gc
import os
import signal
import socket
from typing import Any

from labkernel import linux
from labkernel.backends.namespaces import agent, netlink, node, protocol, rootfs

_WIRED_AT_ONCE = 16


class Node:
    """A node in the supervisor.

    :param pid: its PID 1, in the supervisor's pid namespace.
    :param channel: the socket to its agent.
    """

    def __init__(self, name: str, pid: int, channel: socket.socket) -> None:
        self.name = name
        self.pid = pid
        self.channel = channel
        #: becomes readable when the node ends, and can't be changed from the node
        self.watched = os.pidfd_open(pid)
        #: the reason of its end; empty while it runs
        self.ended = ""

    def let_go(self) -> None:
        """Close its descriptors."""
        os.close(self.watched)
        self.channel.close()


def fork_nodes(plan: list[dict[str, Any]], mounts: dict[str, int]) -> dict[str, Node]:
    """Start every node; each one prepares itself until it waits for its wires.

    :param plan: see plan.py.
    :param mounts: see rootfs.py.
    """
    inside = rootfs.enter(sorted({layer for part in plan for layer in part["layers"]}), mounts)
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    # memory that a child writes to is copied for it: the collector's marks, the environment
    gc.freeze()
    gc.disable()
    os.environ.clear()
    os.environ.update(agent.ENVIRONMENT)
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    nodes = {}
    for part in plan:
        layers = [inside[layer] for layer in part["layers"]]
        nodes[part["name"]] = _fork(part | {"layers": layers}, own_pids, nothing)
    os.close(own_pids)
    os.close(nothing)
    return nodes


def _fork(part: dict[str, Any], own_pids: int, nothing: int) -> Node:
    mine, theirs = protocol.pair()
    linux.unshare(linux.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        # a PID 1 ignores what it does not handle: nothing in its node can end it
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        node.become(part, _only(theirs, nothing))
    theirs.close()
    linux.setns(own_pids, linux.CLONE_NEWPID)
    return Node(part["name"], pid, mine)


def _only(channel: socket.socket, nothing: int) -> socket.socket:
    """Close, in a child, every descriptor except this one, which becomes 3; stdio is /dev/null:
    nodes must not write to the supervisor's log."""
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.dup2(channel.detach(), 3, inheritable=False)
    os.closerange(4, 1 << 20)
    return socket.socket(fileno=3)


def wire(nodes: dict[str, Node], wiring: dict[str, Any]) -> None:
    """Make bridges and wires, and wait until every node is up.

    :param wiring: see plan.py.
    :raises OSError: a node did not start; says which, and why.
    """
    with netlink.open_route() as route:
        netlink.send_all(route, [bytes.fromhex(text) for text in wiring["bridges"]])
        parts = wiring["nodes"]
        for start in range(0, len(parts), _WIRED_AT_ONCE):
            _wire_some(nodes, parts[start : start + _WIRED_AT_ONCE], route)
    for each in nodes.values():
        _expect(each, b"U")


def _wire_some(nodes: dict[str, Node], parts: list[dict[str, Any]], route: socket.socket) -> None:
    """Make the interfaces of some nodes in one system call, and send the nodes the next message."""
    veths = []
    for part in parts:
        each = nodes[part["name"]]
        _expect(each, b"N")
        veths += [netlink.to_process(bytes.fromhex(text), each.pid) for text in part["wires"]]
    try:
        netlink.send_all(route, veths)
    except ProcessLookupError:
        # a node has ended: its own last message has the reason
        for part in parts:
            _expect(nodes[part["name"]], b"U")
        raise
    for part in parts:
        nodes[part["name"]].channel.send(bytes.fromhex(part["network"]))


def _expect(each: Node, word: bytes) -> None:
    reply = each.channel.recv(1024)
    if reply != word:
        why = reply[1:].decode(errors="replace") if reply else "it ended without a message"
        raise OSError(f"node {each.name} did not start: {why}")
