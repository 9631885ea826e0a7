"""How much memory there is: of the machine, and of control groups."""

import sys
from pathlib import Path

import pytest

from labkernel import memory

MB = 1_000_000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 8,000 kB, of which 6,000 can be used; no groups yet."""
    for name in ("_MEMINFO", "_MINE", "_MOUNTS"):
        monkeypatch.setattr(memory, name, tmp_path / name)
    (tmp_path / "_MEMINFO").write_text("MemTotal: 8000 kB\nMemAvailable: 6000 kB\nHugePages: 0\n")
    return tmp_path


def group(path: Path, **files: str) -> None:
    """A control group with files, whose dots are two underscores here."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text)


def test_without_groups(place: Path) -> None:
    """Where nothing bounds it, it is what the machine has."""
    assert (memory.available(), memory.total()) == (6000 << 10, 8000 << 10)
    (place / "_MINE").write_text("0::/\n")
    group(place / "_MOUNTS", memory__max="max\n")
    assert memory.available() == 6000 << 10


def test_where_the_kernel_does_not_say(place: Path) -> None:
    """On a system without /proc nothing is refused for want of memory."""
    (place / "_MEMINFO").unlink()
    assert memory.available() == sys.maxsize


def test_version_2(place: Path) -> None:
    """The tightest of the groups above counts; what a cache has of it gives way."""
    (place / "_MINE").write_text("0::/a/b\n")
    stat = "anon 5\ninactive_file 300\n"
    group(place / "_MOUNTS/a", memory__max="2000\n", memory__current="900\n", memory__stat=stat)
    group(place / "_MOUNTS/a/b", memory__max="max\n", memory__current="800\n")
    assert (memory.available(), memory.total()) == (2000 - 900 + 300, 2000)


def test_version_1(place: Path) -> None:
    """The same, in the words of version 1, in which no limit is a large number."""
    (place / "_MINE").write_text("5:devices:/x\n4:cpu,memory:/a\n0::/\n")
    stat = "inactive_file 1\ntotal_inactive_file 50\n"
    group(
        place / "_MOUNTS/memory/a",
        memory__limit_in_bytes="700\n", memory__usage_in_bytes="600\n", memory__stat=stat,
    )  # fmt: skip
    group(place / "_MOUNTS/memory", memory__limit_in_bytes=f"{2**63 - 4096}\n")
    assert (memory.available(), memory.total()) == (150, 700)


def test_in_a_container(place: Path) -> None:
    """A path that leads out of what is mounted there is the group at the mount."""
    (place / "_MINE").write_text("0::/../../system.slice/of-the-host\n")
    group(place / "_MOUNTS", memory__max="1000\n", memory__current="1100\n")
    assert memory.available() == 0
