"""A CD image (ISO 9660, ECMA-119): one with a few small files, which every hypervisor takes as it
is, is written, and files of any are read."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

_SECTOR = 2048
_DESCRIPTORS = 16  # where they begin, ECMA-119 6.2.1
_LITTLE_TABLE, _BIG_TABLE, _ROOT = 18, 19, 20
_NO_DATE = bytes(7)
_NO_LONG_DATE = b"0" * 16 + b"\0"
_LONGEST = 30  # octets of a name, ECMA-119 7.5.1


def image(label: str, files: Mapping[str, bytes]) -> bytes:
    """A CD image with these files in its root directory, or in directories below that.

    :param label: the volume's, in upper case.
    :param files: what each holds, by name: lower-case letters, digits, ``_``; before it may stand
        a directory's, ``boot/initrd``.  Linux shows these names; on the medium they are in upper
        case.
    :raises ValueError: a name that can't be kept.
    """
    folders = ["", *sorted({name.rpartition("/")[0] for name in files} - {""})]
    for name in (*files, *folders[1:]):
        parts = name.split("/")
        fits = all(0 < len(part) <= _LONGEST for part in parts) and len(parts) <= 2
        if not fits or not name.isascii() or name != name.lower():
            raise ValueError(f"a file on a CD can't be called {name!r}")
    sectors_of = {folder: _ROOT + n for n, folder in enumerate(folders)}
    first = _ROOT + len(folders)
    for name in sorted(files):
        sectors_of[name] = first
        first += -(-len(files[name]) // _SECTOR)
    sectors = [bytes(_SECTOR)] * _DESCRIPTORS
    tables = [_table(order, folders) for order in "<>"]
    sectors += [_volume(label, first, len(tables[0])), b"\xffCD001\x01", *tables]
    sectors += [_directory(folder, files, folders, sectors_of) for folder in folders]
    data = b"".join(map(_padded, sectors))
    return data + b"".join(_padded(files[name]) for name in sorted(files))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _SECTOR)


def _both(number: int, kind: str) -> bytes:
    """A number in both orders of its octets, ECMA-119 7.2.3 and 7.3.3."""
    return struct.pack("<" + kind, number) + struct.pack(">" + kind, number)


def _record(name: bytes, sector: int, size: int, *, folder: bool = False) -> bytes:
    """A directory record, ECMA-119 9.1."""
    body = _both(sector, "I") + _both(size, "I") + _NO_DATE + bytes([2 * folder, 0, 0])
    body += _both(1, "H") + bytes([len(name)]) + name
    body += bytes((len(body) + 2) % 2)
    return bytes([len(body) + 2, 0]) + body


def _directory(
    folder: str, files: Mapping[str, bytes], folders: Sequence[str], sectors_of: Mapping[str, int]
) -> bytes:
    all_ = [
        _record(name, sector, _SECTOR, folder=True)
        for name, sector in ((b"\0", sectors_of[folder]), (b"\1", _ROOT))
    ]
    held = {name: False for name in files if name.rpartition("/")[0] == folder}
    held |= {} if folder else dict.fromkeys(folders[1:], True)
    for name, is_folder in sorted(held.items()):
        last = name.rpartition("/")[2].upper() + ("" if is_folder else ";1")
        size = _SECTOR if is_folder else len(files[name])
        all_.append(_record(last.encode(), sectors_of[name], size, folder=is_folder))
    data = b"".join(all_)
    if len(data) > _SECTOR:
        raise ValueError(f"{len(held)} files are too many for one sector of names")
    return data


def _table(order: str, folders: Sequence[str]) -> bytes:
    """The path table: each directory, the root first, and its parent's number, ECMA-119 9.4."""
    rows = [
        struct.pack(order + "BBIH", max(len(name), 1), 0, _ROOT + n, 1)
        + (name.upper().encode() or b"\0")
        for n, name in enumerate(folders)
    ]
    return b"".join(row + bytes(len(row) % 2) for row in rows)


def _volume(label: str, sectors: int, table: int) -> bytes:
    """The primary volume descriptor, ECMA-119 8.4."""
    return b"".join(
        [
            b"\x01CD001\x01\0",
            b" " * 32,
            label.encode("ascii").ljust(32),
            bytes(8),
            _both(sectors, "I"),
            bytes(32),
            _both(1, "H") + _both(1, "H") + _both(_SECTOR, "H"),
            _both(table, "I"),
            struct.pack("<II", _LITTLE_TABLE, 0) + struct.pack(">II", _BIG_TABLE, 0),
            _record(b"\0", _ROOT, _SECTOR, folder=True),
            b" " * (128 * 4 + 37 * 3),
            _NO_LONG_DATE * 4,
            b"\x01\0",
        ]
    )


def read(medium: BinaryIO, path: str) -> bytes:
    """A file on a CD image, by its path; upper and lower case are alike.

    :raises FileNotFoundError: it is not there.
    :raises ValueError: this is no CD image.
    """
    medium.seek(_DESCRIPTORS * _SECTOR)
    volume = medium.read(_SECTOR)
    if volume[:6] != b"\x01CD001":
        raise ValueError("it has no volume descriptor of ISO 9660")
    sector, size = _extent(volume[156:])
    for name in path.strip("/").split("/"):
        for found, extent in _entries(_sectors(medium, sector, size)):
            if found.lower() == name.lower():
                sector, size = extent
                break
        else:
            raise FileNotFoundError(path)
    return _sectors(medium, sector, size)


def _extent(record: bytes) -> tuple[int, int]:
    """The first sector and the size in octets of the content of a directory record."""
    return struct.unpack_from("<I", record, 2)[0], struct.unpack_from("<I", record, 10)[0]


def _sectors(medium: BinaryIO, sector: int, size: int) -> bytes:
    medium.seek(sector * _SECTOR)
    return medium.read(size)


def _entries(directory: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    """The names in a directory, without version and empty extension, and where each begins."""
    at = 0
    while at < len(directory):
        length = directory[at]
        if length == 0:  # no record crosses the end of a sector
            at += _SECTOR - at % _SECTOR
            continue
        record = directory[at : at + length]
        name = record[33 : 33 + record[32]].decode("latin-1")
        yield name.partition(";")[0].rstrip("."), _extent(record)
        at += length
