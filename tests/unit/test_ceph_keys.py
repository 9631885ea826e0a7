"""Keys and keyrings that are made for a cluster, as Ceph's own tools make and read them."""

import base64
import struct

from labkernel.labs._ceph import keys


def test_a_key_has_the_form_of_a_cephx_secret() -> None:
    """Type 1 (AES), a time, 16 octets at random, which differ from key to key."""
    first, second = (base64.b64decode(keys.secret()) for _ in range(2))
    kind, seconds, _, length = struct.unpack("<hIIh", first[:12])
    assert (kind, length, len(first)) == (1, 16, 28)
    assert seconds > 1_700_000_000
    assert first[12:] != second[12:]


def test_a_keyring_has_keys_and_caps() -> None:
    """Each entity has its key and its caps; further caps are client.admin's alone."""
    made = {"client.admin": "K1", "osd.2": "K2"}
    text = keys.keyring(made, made, {"mds": "allow *"})
    admin, osd = text.split("[osd.2]\n")
    assert admin.startswith("[client.admin]\n\tkey = K1\n")
    assert '\tcaps mds = "allow *"\n' in admin
    assert '\tkey = K2\n\tcaps mon = "allow profile osd"\n' in osd
    assert "mds" not in osd
