"""Links, addresses and routes by rtnetlink(7), many in one system call; standard library alone."""

import fcntl
import os
import socket
import struct
import time

NEWLINK, DELLINK, NEWADDR, NEWROUTE, NEWNEIGH = 16, 17, 20, 24, 28
REQUEST, ACK, EXCL, CREATE = 1, 4, 0x200, 0x400
IFNAME, MASTER, ADDRESS, LINKINFO, NET_NS_FD = 3, 10, 1, 18, 28
INFO_KIND, INFO_DATA, VETH_PEER = 1, 2, 1
UP = 1
GET_FLAGS, RUNNING = 0x8913, 0x40  # SIOCGIFFLAGS, IFF_RUNNING: netdevice(7)
AT_ONCE = 64


def open_route():
    """A socket that speaks rtnetlink in this thread's network namespace."""
    route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
    route.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    route.bind((0, 0))
    return route


def attribute(kind, data):
    """An attribute, padded."""
    if isinstance(data, str):
        data = data.encode() + b"\0"
    if isinstance(data, int):
        data = struct.pack("=I", data)
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def message(kind, flags, body):
    """A request; its number is filled in when it is sent."""
    return struct.pack("=IHHII", 16 + len(body), kind, flags | REQUEST | ACK, 0, 0) + body


def link(*attributes, index=0, up=False, flags=CREATE | EXCL, kind=NEWLINK):
    """A request about a link."""
    head = struct.pack("=BxHiII", 0, 0, index, UP if up else 0, UP if up else 0)
    return message(kind, flags, head + b"".join(attributes))


def bridge(name):
    """Make a bridge."""
    return link(
        attribute(IFNAME, name), attribute(LINKINFO, attribute(INFO_KIND, "bridge")), up=True
    )


def veth(name, peer, master=0, mac=b"", namespace=-1, up=False):
    """Make a pair: one end here, on a bridge maybe, the other in the namespace of a descriptor."""
    other = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attribute(IFNAME, peer)
    if mac:
        other += attribute(ADDRESS, mac)
    if namespace >= 0:
        other += attribute(NET_NS_FD, namespace)
    data = attribute(INFO_DATA, attribute(VETH_PEER, other))
    info = attribute(LINKINFO, attribute(INFO_KIND, "veth") + data)
    own = [attribute(IFNAME, name), info]
    if master:
        own.append(attribute(MASTER, master))
    if mac:
        own.append(attribute(ADDRESS, mac))
    return link(*own, up=up)


def send_all(route, messages):
    """Send messages in order.

    :returns: how many were done before the first that failed (all of them, if none did), and the
        number of its error, or 0.
    """
    for start in range(0, len(messages), AT_ONCE):
        batch = messages[start : start + AT_ONCE]
        route.send(
            b"".join(m[:8] + struct.pack("=I", start + n) + m[12:] for n, m in enumerate(batch))
        )
        failed = _answers(route, len(batch))
        if failed:
            place, code = min(failed)
            return place, code
    return len(messages), 0


def _answers(route, expected):
    """Wait for an answer to each: the places and errors of those that failed."""
    failed = []
    while expected:
        data = route.recv(1 << 16)
        offset = 0
        while offset + 20 <= len(data):
            length, kind, _, number, _, code = struct.unpack_from("=IHHIIi", data, offset)
            if kind == 2:
                expected -= 1
                if code:
                    failed.append((number, -code))
            offset += (length + 3) & ~3
    return failed


def name_of(code):
    """An error as errno(3) and strerror(3) name it."""
    import errno

    return f"errno {code} ({errno.errorcode.get(code, '?')}): {os.strerror(code)}"


def await_up(*names):
    """Wait until the kernel has taken note that these interfaces are up and connected."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for name in names:
            request = struct.pack("16sh22x", name.encode(), 0)
            while not _flags(any_socket, request) & RUNNING:
                time.sleep(0.01)


def _flags(any_socket, request):
    return struct.unpack_from("=H", fcntl.ioctl(any_socket, GET_FLAGS, request), 16)[0]
