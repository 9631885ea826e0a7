"""Keys and caps of a cluster, made here: a cluster that is not there yet can't be asked for any."""

import base64
import os
import struct
import time
from collections.abc import Iterable, Mapping

#: what each may do; of a daemon as in Ceph's manual installation
_CAPS = {
    "mon.": {"mon": "allow *"},
    "client": {"mon": "allow *", "mgr": "allow *", "osd": "allow *"},
    "mgr": {"mon": "allow profile mgr", "osd": "allow *", "mds": "allow *"},
    "osd": {"mon": "allow profile osd", "mgr": "allow profile osd", "osd": "allow *"},
}

_HEAD = "<hIIh"
_AES_128 = 1


def secret(like: str = "") -> str:
    """A new key: type, time, length and random octets.

    :param like: another one, as ``ceph-authtool --gen-print-key`` prints it: of its type and length
        are those that the cluster takes (18.2: AES-128; 20.2: AES-256, and no other). Without it
        AES-128.
    """
    kind, length = _AES_128, 16
    if like:
        kind, _, _, length = struct.unpack_from(_HEAD, base64.b64decode(like))
    head = struct.pack(_HEAD, kind, int(time.time()), 0, length)
    return base64.b64encode(head + os.urandom(length)).decode()


def caps(name: str) -> Mapping[str, str]:
    """The caps of an entity such as ``osd.0``, by service."""
    return _CAPS[name if name in _CAPS else name.partition(".")[0]]


def keyring(keys: Mapping[str, str], names: Iterable[str], more: Mapping[str, str]) -> str:
    """The text of a keyring.

    :param keys: each entity's key.
    :param names: the entities that are in it.
    :param more: further caps of client.admin, by service.
    """
    lines = []
    for name in names:
        lines += [f"[{name}]", f"\tkey = {keys[name]}"]
        given = {**caps(name), **(more if name == "client.admin" else {})}
        lines += [f'\tcaps {service} = "{what}"' for service, what in given.items()]
    return "".join(f"{line}\n" for line in lines)
