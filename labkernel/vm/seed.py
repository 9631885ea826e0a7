"""The seed of a VM: a CD that tells it its name and its keys.

It is the same for QEMU and VirtualBox: a CD labelled ``LABKERNEL`` with three files, which the
image's ``labkernel-seed`` takes when the CD appears; without it, no SSH server starts.

=================== ==============================================================
``hostname``        the machine's name
``authorized_keys`` who may log in as root: the lab's public key
``host_key``        the key by which the machine proves that it is this very one
=================== ==============================================================

The NIC by which commands come in has the MAC address :data:`CONTROL_MAC`; it asks for an address by
DHCP, which the NAT of either hypervisor answers.
"""

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkernel.vm import iso

if TYPE_CHECKING:
    from paramiko import ECDSAKey

LABEL = "LABKERNEL"
CONTROL_MAC = "02:6c:61:62:00:01"


@dataclass(frozen=True)
class Keys:
    """The keys of one lab: who logs in, and the machines' proof; made for it and never reused.

    :param client: the private key that logs in.
    :param host: the private key of the lab's machines.
    """

    client: "ECDSAKey"
    host: "ECDSAKey"

    @classmethod
    def new(cls) -> "Keys":
        """Two new ECDSA keys on the curve P-256 (RFC 5656)."""
        from paramiko import ECDSAKey

        return cls(ECDSAKey.generate(), ECDSAKey.generate())

    def dumps(self) -> str:
        """Both, as a text."""
        return json.dumps({"client": _pem(self.client), "host": _pem(self.host)})

    @classmethod
    def loads(cls, text: str) -> "Keys":
        """Read the keys that :meth:`dumps` wrote."""
        from paramiko import ECDSAKey

        data = json.loads(text)
        read = ECDSAKey.from_private_key
        return cls(read(io.StringIO(data["client"])), read(io.StringIO(data["host"])))


@dataclass(frozen=True)
class Seed:
    """The identity of one machine.

    :param name: its host name.
    :param keys: the keys of its lab.
    """

    name: str
    keys: Keys

    def cd(self) -> bytes:
        """The CD, as an image that QEMU and VirtualBox take."""
        return iso.image(LABEL, {name: text.encode() for name, text in self.files().items()})

    def files(self) -> dict[str, str]:
        """The contents of the files on the CD, by name."""
        public = f"{self.keys.client.get_name()} {self.keys.client.get_base64()} labkernel\n"
        return {
            "hostname": f"{self.name}\n",
            "authorized_keys": public,
            "host_key": _pem(self.keys.host),
        }


def _pem(key: "ECDSAKey") -> str:
    text = io.StringIO()
    key.write_private_key(text)
    return text.getvalue()
