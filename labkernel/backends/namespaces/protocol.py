"""Messages between client, supervisor and agents: one JSON object per packet, with descriptors.

A SOCK_SEQPACKET socket preserves message boundaries, so that several threads can send on one
socket.  Standard library alone: see supervisor.py.
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
#: descriptors in one message: a lab keeps one for each image layer
MAX_FDS = 64
#: the maximum nesting: a received message is sent on, maybe nested deeper, and Python's JSON has
#: different limits for reading and writing
MAX_DEPTH = 100

Message = dict[str, Any]

#: messages of a keeper to its supervisor: the lab's socket has disappeared, or is there again
LOST, FOUND = b"L", b"F"

#: changes when a client and a supervisor of different versions no longer understand each other
VERSION = 5


class TooLong(ValueError):
    """The message does not fit into a packet."""


class Malformed(ValueError):
    """A packet is no message; its descriptors are closed."""


def send(sock: socket.socket, message: Message, fds: Iterable[int] = (), flags: int = 0) -> None:
    """Send a message.

    :raises TooLong: it does not fit.
    :raises OSError: the other side has ended, or it would block and `flags` has MSG_DONTWAIT.
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
    """Check if a message is short enough to be sent."""
    return len(_written(message)) <= MAX_PACKET


def receive(sock: socket.socket) -> tuple[Message, list[int]] | None:
    """Receive a message and its descriptors (closed on exec); ``None`` if the peer has ended.

    :raises Malformed: the packet is no message.
    """
    fds = array.array("i")
    room = socket.CMSG_SPACE(MAX_FDS * fds.itemsize)
    try:
        data, ancillary, _, _ = sock.recvmsg(MAX_PACKET, room, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:
        # the other side ended with unread messages; Linux reports that once, before it delivers
        # the messages that the other side had sent
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
    """Decode a packet.

    :raises Malformed: it is no message.
    """
    try:
        # decoded first: from bytes json guesses an encoding, whose codec the lab's root lacks
        message = json.loads(data.decode())
    except Exception as error:
        raise Malformed(f"not a message: {error}") from None
    if not isinstance(message, dict):
        raise Malformed("not a message: a message is an object")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _is_deeper(message, MAX_DEPTH):
        raise Malformed(f"not a message: nested more than {MAX_DEPTH} levels deep")
    return message


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper(each, depth - 1) for each in inner)


def readable(fd: int, within: float) -> bool:
    """Wait until a descriptor is readable or at its end; returns false after some seconds.  It uses
    poll(2), since select(2) does not support descriptors beyond 1023."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(within * 1000))


def close_all(fds: Iterable[int]) -> None:
    """Close descriptors."""
    for fd in fds:
        os.close(fd)


def pair() -> tuple[socket.socket, socket.socket]:
    """A pair of connected sockets for messages."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
