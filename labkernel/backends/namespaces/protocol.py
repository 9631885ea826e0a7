"""Messages between client, supervisor and agents: one JSON object a packet, with file descriptors.

Packets of a SOCK_SEQPACKET socket keep their borders and arrive whole, so that several threads may
send on one socket.  Standard library alone: see supervisor.py.
"""

import array
import json
import os
import select
import socket
from collections.abc import Iterable
from typing import Any

#: the longest packet: Linux refuses more than the send buffer (net.core.wmem_default, 208 KiB)
MAX_PACKET = 200_000
#: a lab holds on to every image layer that it uses
MAX_FDS = 64
#: brackets in brackets: what is read is written again, maybe within more of them, and Python's JSON
#: gives up at some depth that differs between reading and writing
MAX_DEPTH = 100

Message = dict[str, Any]

#: what a keeper says to its supervisor: the lab's socket is not found by its name, or is again
LOST, FOUND = b"L", b"F"

#: changes when a client and a supervisor of different versions no longer understand each other
VERSION = 4


class TooLong(ValueError):
    """The message does not fit into a packet."""


class Malformed(ValueError):
    """What came is no message; what came along is closed."""


def send(sock: socket.socket, message: Message, fds: Iterable[int] = (), flags: int = 0) -> None:
    """Send a message.

    :raises TooLong: it does not fit.
    :raises OSError: the other side is gone, or would block and `flags` has MSG_DONTWAIT.
    """
    data = _written(message)
    if len(data) > MAX_PACKET:
        raise TooLong(f"{len(data)} bytes; the longest is {MAX_PACKET}")
    rights = array.array("i", fds)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if rights else []
    sock.sendmsg([data], ancillary, flags | socket.MSG_NOSIGNAL)


def _written(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def fits(message: Message) -> bool:
    """Whether a message is short enough to be sent."""
    return len(_written(message)) <= MAX_PACKET


def receive(sock: socket.socket) -> tuple[Message, list[int]] | None:
    """The next message and its descriptors (closed on exec); ``None`` when the other side ended.

    :raises Malformed: what came is no message.
    """
    fds = array.array("i")
    room = socket.CMSG_SPACE(MAX_FDS * fds.itemsize)
    try:
        data, ancillary, _, _ = sock.recvmsg(MAX_PACKET, room, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        # the other side ended without having read all that it was told; Linux says so once, before
        # it hands out what the other side had said
        data, ancillary, _, _ = sock.recvmsg(MAX_PACKET, room, socket.MSG_CMSG_CLOEXEC)
    for level, kind, rights in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(rights[: len(rights) - len(rights) % fds.itemsize])
    if not data:
        return None
    try:
        return _message(data), list(fds)
    except BaseException:
        close_all(fds)
        raise


def _message(data: bytes) -> Message:
    """What a packet says.

    :raises Malformed: nothing, whatever the reason is.
    """
    try:
        # as text: from octets json guesses an encoding, whose codec a hollow root does not have
        message = json.loads(data.decode())
    except Exception as error:
        raise Malformed(f"not a message: {error}") from None
    if not isinstance(message, dict):
        raise Malformed("not a message: a message is an object")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _is_deeper(message, MAX_DEPTH):
        raise Malformed(f"not a message: more than {MAX_DEPTH} brackets in brackets")
    return message


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(each, depth - 1) for each in inner)


def readable(fd: int, within: float) -> bool:
    """Whether there is something to read, or an end, within so many seconds; of whatever number the
    descriptor is, which select(2) does not take beyond 1023."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(within * 1000))


def close_all(fds: Iterable[int]) -> None:
    """Close descriptors that nobody will use."""
    for fd in fds:
        os.close(fd)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets of the kind that messages need."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
