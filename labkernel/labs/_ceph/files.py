"""Reading ceph.conf and keyrings."""

from configparser import ConfigParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel import Attempt


def setting(attempt: "Attempt", daemon: str, name: str, node: str = "alpha") -> str:
    """A daemon's value of a setting in ceph.conf, by ``ceph-conf``."""
    words = ["ceph-conf", "-n", daemon, "--show-config-value", name]
    return attempt.run(node, words).output.strip()


def keyring(attempt: "Attempt", node: str, path: str) -> dict[str, dict[str, str]]:
    """A keyring: of each entity its key and its caps, as in ``{"caps mon": "allow *"}``."""
    parser = ConfigParser(interpolation=None, strict=False)
    found = attempt.run(node, ["cat", path])
    parser.read_string(found.output.replace("\t", "") if found.ok else "")
    return {
        name: {key: value.strip('"') for key, value in parser[name].items()}
        for name in parser.sections()
    }
