"""What stands in the way of user namespaces is told by its name, with the remedy."""

import pytest

from labkernel import refusals, user_namespace

NO = PermissionError(1, "Operation not permitted")
STATUS = "Name:\tpython3\nNoNewPrivs:\t{0}\nSeccomp:\t{1}\nCapBnd:\t{2}\n"
ALL = "000001ffffffffff"
MOUNT = "1 0 0:1 / {0} rw - proc proc rw\n"


def machine(monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    """What /proc/self says."""
    known = {"status": STATUS.format(0, 0, ALL), "mountinfo": MOUNT.format("/proc")} | files
    monkeypatch.setattr(
        refusals, "setting", lambda path: known.get(path.removeprefix("/proc/self/"), "")
    )


@pytest.mark.parametrize(
    ("status", "why", "remedy"),
    [
        (STATUS.format(1, 0, ALL), "NoNewPrivs: 1", "allowPrivilegeEscalation: true"),
        (STATUS.format(0, 0, f"{1 << 6:x}"), "the capability SETUID", "--cap-add SETUID"),
        (STATUS.format(0, 0, "0"), "SETUID or SETGID", "--cap-add SETUID --cap-add SETGID"),
        (STATUS.format(0, 0, "c0"), "is setuid, and such needs SYS_ADMIN", "setcap cap_setuid=ep"),
        (STATUS.format(0, 0, ALL), "could not write", "apt-get install uidmap"),
    ],
)
def test_why_ids_can_not_be_mapped(
    monkeypatch: pytest.MonkeyPatch, status: str, why: str, remedy: str
) -> None:
    """NoNewPrivs, missing capabilities and a setuid newuidmap are told apart, for each way to run
    a container."""
    machine(monkeypatch, status=status)
    monkeypatch.setattr(refusals, "_setuid_tool", lambda: "/usr/bin/newuidmap")
    found = refusals.of_maps(refusals.Outside())
    assert why in found.why
    assert remedy in found.remedy


@pytest.mark.parametrize("count", [1, 65_534])
def test_too_few_ids(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """In a container with fewer ids than a node needs, their number is told."""
    machine(monkeypatch, uid_map=f"0 500000 {count}")
    monkeypatch.setattr(refusals, "_setuid_tool", lambda: "")
    found = refusals.of_maps(refusals.Outside())
    assert f"there are {count} user ids here" in found.why
    assert "idsPerPod" in found.remedy


def test_a_masked_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a container hides parts of /proc, nobody may mount another one: that is told, and what
    Docker, Podman and Kubernetes call it."""
    masked = MOUNT.format("/proc") + MOUNT.format("/proc/kcore")
    machine(monkeypatch, mountinfo=masked, status=STATUS.format(0, 2, ALL))
    found = refusals.of_namespace(PermissionError(1, "mount proc on /p: Operation not permitted"))
    assert "parts of /proc are hidden" in found.why
    for word in ("systempaths=unconfined", "unmask=ALL", "procMount: Unmasked"):
        assert word in found.remedy


@pytest.mark.parametrize("place", ["/sys/fs/cgroup", "/sys/kernel/debug", "/proc", "/run"])
def test_what_hides_nothing(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """File systems that every machine mounts in /sys and /proc hide no part of them."""
    machine(monkeypatch, mountinfo=MOUNT.format("/proc") + MOUNT.format(place))
    assert "hidden" not in refusals.of_namespace(NO).why


def test_filtered_system_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container whose seccomp profile refuses namespaces the profile is named, also where
    parts of /proc are hidden, as by default."""
    masked = MOUNT.format("/proc") + MOUNT.format("/proc/kcore")
    machine(monkeypatch, status=STATUS.format(0, 2, ALL), mountinfo=masked)
    found = refusals.of_namespace(NO)
    assert "system calls are filtered here" in found.why
    assert "seccomp=" in found.remedy


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("a:100000:65536", [(100_000, 65_535)]),
        ("a:100:65535", [(100, 65_535)]),
        ("a:100:65534", [(100, 65_534)]),
        ("a:100:65533", []),
        ("b:1:99999\na:1000:60000\n7:200000:9000", [(1000, 60_000), (200_000, 5535)]),
        ("a:1000:60000", []),
        ("a:x:65536\na:5\n\n", []),
        ("a:1000:0\na:2000:65535", [(2000, 65_535)]),
    ],
)
def test_subordinate_ids(
    monkeypatch: pytest.MonkeyPatch, file: str, expected: list[tuple[int, int]]
) -> None:
    """As many as a node needs are taken of one range or of several, by name or by number."""
    monkeypatch.setattr("labkernel.linux.setting", lambda _: file)
    monkeypatch.setattr(refusals, "ids_here", lambda _: [(0, 2**32 - 1)])
    assert user_namespace.subordinate_ids("/etc/subuid", "a", 7) == expected


@pytest.mark.parametrize(
    ("map_", "expected"),
    [
        ("0 0 4294967295", [(100_000, 65_535)]),
        ("0 5000 1\n1 100000 65536", [(1, 999), (1001, 64_536)]),
        ("0 500000 65536", [(1, 999), (1001, 64_535)]),
    ],
    ids=["docker", "rootless podman", "a pod"],
)
def test_subordinate_ids_of_a_container(
    monkeypatch: pytest.MonkeyPatch, map_: str, expected: list[tuple[int, int]]
) -> None:
    """Of a user's subordinate ids those are taken that there are in the container."""
    files = {"/proc/self/uid_map": map_, "/etc/subuid": "a:100000:65536\na:1:999\na:1001:64536"}
    monkeypatch.setattr("labkernel.linux.setting", lambda path: files.get(path, ""))
    monkeypatch.setattr(refusals, "setting", lambda path: files.get(path, ""))
    assert user_namespace.subordinate_ids("/etc/subuid", "a", 1000) == expected


def test_lines_of_a_map() -> None:
    """One's own id is root inside, and the ranges follow without a gap."""
    assert user_namespace.lines(1000, [(100_000, 10), (300_000, 5)]) == [
        (0, 1000, 1),
        (1, 100_000, 10),
        (11, 300_000, 5),
    ]
