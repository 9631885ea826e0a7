"""Issues certificates: a process for each core, since Python has one lock for all threads of one.

``python -I issuing.py DIRECTORY`` takes from its standard input, as JSON: `kind`, `name` (with {}
for the number), `size` (certificates in a part), `parts` (which), `reported` (of how many it prints
a line), `begins` and `ends` (dates, as 20260101).  Without parts it makes the authority.  It
imports nothing of labkernel: it starts in the time of the library alone.
"""

import datetime as dt
import io
import json
import sys
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
Validity = tuple[dt.datetime, dt.datetime]


def pem(key: Key) -> bytes:
    """A private key as `openssl genpkey` writes it (PKCS #8)."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def elliptic() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


_CA = _named("The lab's certificate authority")
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def authority(key: ec.EllipticCurvePrivateKey, valid: Validity) -> x509.Certificate:
    """The certificate of the authority, signed by itself."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _begun(_CA, key.public_key(), valid)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def certificate(site: str, public: Public, ca: Key, valid: Validity) -> x509.Certificate:
    """A site's certificate, for that name alone."""
    return (
        _begun(_named(site), public, valid)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(site)]), critical=False)
        .add_extension(_issued_by(ca), critical=False)
        .sign(ca, hashes.SHA256())
    )


@cache
def _issued_by(ca: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.public_key())


def _begun(subject: x509.Name, public: Public, valid: Validity) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=_CA,
        subject_name=subject,
        public_key=public,
        serial_number=x509.random_serial_number(),
        not_valid_before=valid[0],
        not_valid_after=valid[1],
    )


def _read(path: Path) -> Key:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Key)
    return key


def _write(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(data)
    unfinished.chmod(0o600)
    unfinished.rename(path)


def _make_authority(directory: Path, kind: str, valid: Validity) -> None:
    key = elliptic()
    _write(directory / "ca.key", pem(key))
    if kind == "rsa":
        _write(directory / "shared.key", pem(rsa.generate_private_key(65537, 2048)))
    made = authority(key, valid).public_bytes(serialization.Encoding.PEM)
    _write(directory / "ca.tar", _archive([("lab.pem", made)]))


def _make_part(directory: Path, wanted: dict[str, Any], valid: Validity, part: int) -> None:
    ca, size = _read(directory / "ca.key"), wanted["size"]
    shared = _read(directory / "shared.key") if wanted["kind"] == "rsa" else None
    shared_pem = pem(shared) if shared else b""
    files = []
    for number in range(part * size + 1, (part + 1) * size + 1):
        site, key = wanted["name"].format(number), shared or elliptic()
        made = certificate(site, key.public_key(), ca, valid)
        files.append(
            (
                f"{site}.pem",
                (shared_pem or pem(key)) + made.public_bytes(serialization.Encoding.PEM),
            )
        )
        if number % wanted["reported"] == 0:
            print(number, flush=True)
    _write(directory / f"{part:04}.tar", _archive(files))


def _archive(files: list[tuple[str, bytes]]) -> bytes:
    """A tar archive of files by their names, for their owner alone."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, text in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), 0o600
            tar.addfile(member, io.BytesIO(text))
    return data.getvalue()


def _date(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC)


def main() -> None:
    """See the module's text."""
    directory, wanted = Path(sys.argv[1]), json.load(sys.stdin)
    valid = (_date(wanted["begins"]), _date(wanted["ends"]))
    if not wanted["parts"]:
        _make_authority(directory, wanted["kind"], valid)
    for part in wanted["parts"]:
        _make_part(directory, wanted, valid, part)


if __name__ == "__main__":
    main()
