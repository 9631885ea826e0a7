"""Writes an image as one file: an OCI layout (image-spec, image-layout.md) with Docker's own list
of what is in it (manifest.json), so that engines of either kind load it.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TYPE = "application/vnd.oci.image"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Layer:
    """A layer, compressed.

    :param diff: the digest of what is in it.
    :param digest: its own.
    """

    file: Path
    diff: str
    digest: str


def write(
    file: Path, name: str, architecture: str, config: dict[str, Any], tars: Iterable[Path]
) -> None:
    """Write an image.

    :param name: with its tag.
    :param tars: the layers, the lowest first; they are taken away.
    """
    layers = [_compressed(tar) for tar in tars]
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    described = _octets(
        {
            "created": created,
            "architecture": architecture,
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each.diff}" for each in layers]},
            "history": [{"created": created, "created_by": "labkernel"} for _ in layers],
        }
    )
    manifest = _octets(_manifest(described, layers))
    unfinished = file.with_name(f"{file.name}.unfinished")
    with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as out:
        for path, data in _texts(name, described, manifest, layers):
            _add(out, path, len(data), io.BytesIO(data))
        for layer in layers:
            with layer.file.open("rb") as data:
                _add(out, _blob(layer.digest), layer.file.stat().st_size, data)
    unfinished.replace(file)


def _compressed(tar: Path) -> Layer:
    made = tar.with_suffix(".tar.gz")
    with tar.open("rb") as read, gzip.GzipFile(made, "wb", compresslevel=6, mtime=0) as written:
        shutil.copyfileobj(read, written, _CHUNK)
    diff, digest = _sha256(tar), _sha256(made)
    tar.unlink()
    return Layer(made, diff, digest)


def _sha256(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def _manifest(described: bytes, layers: Iterable[Layer]) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": f"{_TYPE}.manifest.v1+json",
        "config": _descriptor(f"{_TYPE}.config.v1+json", described),
        "layers": [
            {
                "mediaType": f"{_TYPE}.layer.v1.tar+gzip",
                "digest": f"sha256:{each.digest}",
                "size": each.file.stat().st_size,
            }
            for each in layers
        ],
    }


def _texts(
    name: str, described: bytes, manifest: bytes, layers: Iterable[Layer]
) -> Iterator[tuple[str, bytes]]:
    """All but the layers: paths, and what is there."""
    entry = _descriptor(f"{_TYPE}.manifest.v1+json", manifest)
    entry["annotations"] = {
        "io.containerd.image.name": f"docker.io/library/{name}",
        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
    }
    config = _blob(hashlib.sha256(described).hexdigest())
    docker = {"Config": config, "RepoTags": [name], "Layers": [_blob(x.digest) for x in layers]}
    yield "oci-layout", _octets({"imageLayoutVersion": "1.0.0"})
    yield (
        "index.json",
        _octets({"schemaVersion": 2, "mediaType": f"{_TYPE}.index.v1+json", "manifests": [entry]}),
    )
    yield "manifest.json", _octets([docker])
    yield config, described
    yield _blob(hashlib.sha256(manifest).hexdigest()), manifest


def _descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def _octets(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _blob(digest: str) -> str:
    return f"blobs/sha256/{digest}"


def _add(out: tarfile.TarFile, path: str, size: int, data: Any) -> None:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = size, 0o644
    out.addfile(entry, data)
