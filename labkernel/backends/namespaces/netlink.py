"""Sends encoded netlink messages, and waits for the kernel's acknowledgement; see netlink(7).

Standard library alone: see supervisor.py.
"""

import os
import socket
import struct

_HEADER = struct.Struct("=IHHII")
_ERROR = struct.Struct("=i")
_NLMSG_ERROR = 2
_NLM_F_ACK = 4
_BATCH = 64

#: a placeholder in a message for the process whose network namespace gets the end of a veth pair
PID_PLACEHOLDER = 0x7E57ABCD


def open_route() -> socket.socket:
    """Open an rtnetlink socket in this process's network namespace."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
    sock.bind((0, 0))
    return sock


def send_all(sock: socket.socket, messages: list[bytes]) -> None:
    """Send messages in batches; the kernel handles each batch in order.

    Only the last message of a batch asks for an acknowledgement: the kernel answers every message
    that fails in any case.

    :raises OSError: a message failed; the first one.
    """
    for start in range(0, len(messages), _BATCH):
        batch = [_numbered(m, start + n) for n, m in enumerate(messages[start : start + _BATCH])]
        last = start + len(batch) - 1
        batch[-1] = _asking(batch[-1])
        sock.send(b"".join(batch))
        _await(sock, last)


def to_process(message: bytes, pid: int) -> bytes:
    """Replace the placeholder in a message by a process id."""
    placeholder, value = struct.pack("=I", PID_PLACEHOLDER), struct.pack("=I", pid)
    if message.count(placeholder) != 1:
        raise ValueError("a netlink message must name the peer's process once")
    return message.replace(placeholder, value)


def split(data: bytes) -> list[bytes]:
    """Split a buffer into messages."""
    messages, offset = [], 0
    while offset < len(data):
        (length,) = struct.unpack_from("=I", data, offset)
        messages.append(data[offset : offset + length])
        offset += (length + 3) & ~3
    return messages


def _numbered(message: bytes, number: int) -> bytes:
    return message[:8] + struct.pack("=I", number) + message[12:]


def _asking(message: bytes) -> bytes:
    (flags,) = struct.unpack_from("=H", message, 6)
    return message[:6] + struct.pack("=H", flags | _NLM_F_ACK) + message[8:]


def _await(sock: socket.socket, last: int) -> None:
    failed = 0
    while True:
        data = sock.recv(65536)
        offset = 0
        while offset + _HEADER.size <= len(data):
            length, kind, _, number, _ = _HEADER.unpack_from(data, offset)
            if kind == _NLMSG_ERROR:
                (code,) = _ERROR.unpack_from(data, offset + _HEADER.size)
                failed = failed or -code
                if number == last:
                    if failed:
                        raise OSError(failed, f"netlink: {os.strerror(failed)}")
                    return
            offset += (length + 3) & ~3
