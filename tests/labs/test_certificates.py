"""Certificates by the thousand: right, made once, and never half."""

import tarfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from labkernel import LabError
from labkernel.labs.hitch.commands import certificates


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def files(archive: Path) -> dict[str, bytes]:
    """What is in an archive, by name."""
    with tarfile.open(archive) as tar:
        return {each.name: file.read() for each in tar if (file := tar.extractfile(each))}


def test_each_is_for_its_name_with_its_key_and_signed(cache: Path) -> None:
    """A certificate has one name and the public key of the key beside it, and the authority's
    signature; no two keys are the same, and the authority's is in no archive."""
    (ca_archive,) = certificates.authority()
    ca = x509.load_pem_x509_certificate(files(ca_archive)["lab.pem"])
    first, second = certificates.make(501)
    assert next(iter(files(first))) == "site000001.example.pem"
    assert list(files(second))[-1] == "site001000.example.pem"
    keys = set()
    for name, text in files(first).items():
        made = x509.load_pem_x509_certificate(text)
        made.verify_directly_issued_by(ca)
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert f"{names.get_values_for_type(x509.DNSName)[0]}.pem" == name
        key = serialization.load_pem_private_key(text, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert made.public_key() == key.public_key()
        keys.add(key.private_numbers().private_value)
    assert len(keys) == 500
    secret = (first.parent / "ca.key").read_bytes()
    assert not any(secret in text for each in (ca_archive, first) for text in files(each).values())
    assert (first.parent.stat().st_mode & 0o777, first.stat().st_mode & 0o777) == (0o700, 0o600)


def test_only_what_is_missing_is_made(cache: Path) -> None:
    """More certificates begin with those that are there, and progress is of the new ones alone."""
    told: list[tuple[str, float | None]] = []
    few = certificates.make(500)
    before = few[0].read_bytes()
    more = certificates.make(1500, on_progress=lambda *what: told.append(what))
    assert more[0].read_bytes() == before
    assert told[-1] == ("making 1,000 certificates", 1.0)
    assert certificates.make(1500, on_progress=lambda *_: pytest.fail("made again")) == more


def test_rsa_shares_a_key(cache: Path) -> None:
    """With RSA all certificates have the same key, and other parameters another place."""
    (archive,) = certificates.make(1, "rsa")
    keys = {text.partition(b"-----BEGIN CERT")[0] for text in files(archive).values()}
    assert len(keys) == 1
    assert archive.parent != certificates.make(1)[0].parent


def test_what_fails_is_said_and_leaves_no_half_part(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issuer's last word is in the message, and the next call makes what is missing."""
    place = certificates.make(500)[0].parent
    good = (place / "ca.key").read_bytes()
    (place / "ca.key").write_bytes(b"rubbish")
    with pytest.raises(LabError, match=f"can't be made in {place}: .*PEM"):
        certificates.make(1000)
    assert not [path for path in place.iterdir() if path.name in ("0001.tar", "0001.part")]
    (place / "ca.key").write_bytes(good)
    assert len(certificates.make(1000)) == 2


def test_a_cache_that_can_not_be_had_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the directory should be is named, with the remedy."""
    (cache / "labkernel").write_bytes(b"")
    with pytest.raises(LabError, match=r"can't be kept in .*XDG_CACHE_HOME"):
        certificates.make(1)
    with pytest.raises(LabError, match="kinds: ec, rsa"):
        certificates.make(1, "dsa")
