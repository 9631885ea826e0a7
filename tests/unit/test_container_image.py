"""The file of a container's image, and the profile of system calls that it is run with."""

import gzip
import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from images.container import build, oci

ROOT = Path(__file__).parents[2]
PROFILE = json.loads((ROOT / "images/container/seccomp.json").read_text())
#: what makes labs, see DECISIONS.md
NEEDED = (
    "chroot", "clone", "clone3", "fsconfig", "fsmount", "fsopen", "mount", "mount_setattr",
    "move_mount", "open_tree", "pivot_root", "seccomp", "setdomainname", "setgroups",
    "sethostname", "setns", "umount2", "unshare",
)  # fmt: skip


@pytest.fixture
def image(tmp_path: Path) -> dict[str, bytes]:
    """The members of an image of two layers."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.tar").write_text(name)
    file = tmp_path / "image.tar"
    layers = [tmp_path / "one.tar", tmp_path / "two.tar"]
    oci.write(file, "thing:latest", "amd64", {"User": "1000"}, layers)
    with tarfile.open(file) as read:
        return {each.name: read.extractfile(each).read() for each in read}  # type: ignore[union-attr]


def test_blobs_have_their_digests(image: dict[str, bytes]) -> None:
    """What is named by a digest has that digest, and nothing else is in the image."""
    named = {name: data for name, data in image.items() if name.startswith("blobs/sha256/")}
    assert set(image) - set(named) == {"oci-layout", "index.json", "manifest.json"}
    assert {name.rpartition("/")[2] for name in named} == {
        hashlib.sha256(data).hexdigest() for data in named.values()
    }


def test_both_lists_name_the_same(image: dict[str, bytes]) -> None:
    """OCI's index and Docker's manifest.json lead to one configuration and the same layers, in
    order, whose contents the configuration knows."""

    def blob(digest: str) -> bytes:
        return image[f"blobs/sha256/{digest.removeprefix('sha256:')}"]

    (entry,) = json.loads(image["index.json"])["manifests"]
    manifest: dict[str, Any] = json.loads(blob(entry["digest"]))
    (docker,) = json.loads(image["manifest.json"])
    assert docker["RepoTags"] == ["thing:latest"]
    assert image[docker["Config"]] == blob(manifest["config"]["digest"])
    layers = [gzip.decompress(blob(each["digest"])) for each in manifest["layers"]]
    assert [gzip.decompress(image[each]) for each in docker["Layers"]] == layers == [b"one", b"two"]
    known = json.loads(image[docker["Config"]])
    assert known["rootfs"]["diff_ids"] == [
        f"sha256:{hashlib.sha256(each).hexdigest()}" for each in layers
    ]
    assert (known["config"], known["architecture"]) == ({"User": "1000"}, "amd64")


def test_what_installs_is_left_out() -> None:
    """The lock of the container has no uv and no hatchling, and all else with its hashes."""
    lock = (
        "a==1 \\\n    --hash=sha256:1\nuv==2 \\\n    --hash=sha256:2\nuvloop==3 \\\n    --hash=3\n"
    )
    kept = build._without_installers(lock)
    assert kept == "a==1 \\\n    --hash=sha256:1\nuvloop==3 \\\n    --hash=3\n"


def test_the_profile_lets_labs_be_made() -> None:
    """No system call that labs are made with is refused."""
    refused = {name for rule in PROFILE["syscalls"] for name in rule["names"]}
    assert PROFILE["defaultAction"] == "SCMP_ACT_ALLOW"
    assert not refused & set(NEEDED)


def test_the_profile_is_one_for_all_engines() -> None:
    """It has only keys of the OCI runtime's specification, which Kubernetes takes, and each rule is
    a refusal, each call's without arguments named once."""
    assert set(PROFILE) == {"defaultAction", "architectures", "syscalls"}
    for rule in PROFILE["syscalls"]:
        assert set(rule) <= {"names", "action", "errnoRet", "args"}
        assert rule["action"] == "SCMP_ACT_ERRNO"
    names = [name for rule in PROFILE["syscalls"] if "args" not in rule for name in rule["names"]]
    assert len(names) == len(set(names))
