"""Sets links of a lab's network namespace up and down by ioctl; see netdevice(7).

Standard library alone: see supervisor.py.
"""

import fcntl
import socket
import struct

_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFF_UP = 1


def set_up(name: str, up: bool = True) -> None:
    """Set a link up, or down: then the other end of a veth pair has no carrier.

    :raises OSError: there is none of that name.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        (flags,) = struct.unpack_from("=h", asked(sock, _SIOCGIFFLAGS, name), 16)
        flags = flags | _IFF_UP if up else flags & ~_IFF_UP
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh22x", name.encode(), flags))


def asked(sock: socket.socket, request: int, name: str) -> bytes:
    """Send an ioctl request about a link; returns the kernel's reply."""
    return fcntl.ioctl(sock, request, struct.pack("16s24x", name.encode()))
