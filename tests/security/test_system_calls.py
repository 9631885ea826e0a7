"""What a node's root asks the kernel for past its namespaces is refused: keys and cgroups of who
started the lab, the machine's hypervisor, and doors of the kernel that no lab needs."""

import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, seccomp
from labkernel.topology import Node, Topology

pytestmark = pytest.mark.backend

_TOPOLOGY = Topology("calls", (Node("plain"), Node("engine", image="docker", containers=True)))
_MACHINE = os.uname().machine
_NUMBERS = next(iter(seccomp._TABLES[_MACHINE].values()))
# the arguments as Perl's syscall takes them: numbers and texts; -4 is the user keyring (@u)
_CALLS = {
    "keyctl": ("0, -4, 1", errno.ENOSYS),
    "add_key": ("my $t = 'user', my $n = 'taken', my $v = 'x', 1, -4", errno.ENOSYS),
    "request_key": ("my $t = 'user', my $n = 'wanted', 0, -4", errno.ENOSYS),
    "io_uring_setup": ("8, my $p = chr(0) x 256", errno.ENOSYS),
    "bpf": ("0, my $a = pack('L4x128', 2, 4, 4, 1), 72", errno.EPERM),
    "perf_event_open": ("my $a = pack('L2x104', 1, 112), 0, -1, -1, 0", errno.EPERM),
    "userfaultfd": ("1", errno.EPERM),
    "syslog": ("3, my $b = chr(0) x 65536, 65536", errno.EPERM),  # SYSLOG_ACTION_READ_ALL
    "open_by_handle_at": ("0, my $h = chr(0) x 64, 0", errno.EPERM),
    "unshare": ("0x02000000", errno.EPERM),
    "clone": ("0x02000011, 0x02000011", errno.EPERM),  # on s390x the flags come second
    "socket": ("40, 1, 0", errno.EAFNOSUPPORT),
}
# of i386: what a program of 64 bits calls by int 0x80
_CALLS_OF_I386 = {
    "keyctl": (288, 0, errno.ENOSYS),
    "unshare": (310, 0x02000000, errno.EPERM),
    "syslog": (103, 10, errno.EPERM),  # SYSLOG_ACTION_SIZE_BUFFER
}
_SEGFAULT = -11
_NEW = "unshare --user --map-root-user --cgroup --mount"


@pytest.fixture(scope="module")
def backend(runtime_directory: Path) -> Iterator[NamespacesBackend]:
    """A node, and one for containers."""
    images.build("docker")
    backend = NamespacesBackend("calls", linger=0)
    backend.up(_TOPOLOGY)
    yield backend
    backend.down()


@pytest.mark.parametrize("call", _CALLS)
def test_a_call_that_is_refused(backend: NamespacesBackend, call: str) -> None:
    """The call fails as where the kernel lacks it, or does not allow it."""
    arguments, expected = _CALLS[call]
    assert _tried(backend, _NUMBERS[call], arguments) == str(expected)


def _tried(backend: NamespacesBackend, number: int, arguments: str) -> str:
    script = f"my $done = syscall({number}, {arguments}); print $done < 0 ? $!+0 : 'worked'"
    return backend.run("plain", ["perl", "-e", script]).output


if _MACHINE == "x86_64":  # the others run no program of another architecture, or not everywhere

    def test_a_call_of_x32(backend: NamespacesBackend) -> None:
        """What is refused can't be had by the calls of 32 bits in 64."""
        assert _tried(backend, 0x40000000 | 250, "0, -4, 1") == str(errno.ENOSYS)

    @pytest.mark.parametrize("call", _CALLS_OF_I386)
    def test_a_call_of_i386(backend: NamespacesBackend, call: str) -> None:
        """What is refused can't be had by the calls of 32 bits, where the kernel has those."""
        number, argument, expected = _CALLS_OF_I386[call]
        program = _program(number, argument).hex()
        made = f"perl -e 'print pack(qq(H*), qq({program}))' >/root/call && chmod +x /root/call"
        assert backend.run("plain", made).ok
        assert backend.run("plain", ["/root/call"]).exit_code in (expected, _SEGFAULT)


def _program(number: int, argument: int) -> bytes:
    """A program whose exit code is the error of a call of i386."""
    code = b"\xb8" + struct.pack("<I", number)  # mov eax
    code += b"\xbb" + struct.pack("<I", argument)  # mov ebx
    code += b"\xcd\x80"  # int 0x80
    code += b"\x89\xc7\xf7\xdf"  # mov edi, eax; neg edi
    code += b"\xb8\x3c\0\0\0\x0f\x05"  # mov eax, 60; syscall: exit
    base, size = 0x400000, 64 + 56 + len(code)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, base + 120,
                         64, 0, 0, 64, 56, 1, 0, 0, 0)  # fmt: skip
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 4096) + code


@pytest.mark.parametrize("node", ["plain", "engine"])
@pytest.mark.parametrize(
    "command",
    [
        "mount -t cgroup2 none /mnt",
        "mount -t cgroup -o pids none /mnt",
        "unshare --cgroup mount -t cgroup2 none /mnt",
        f"{_NEW} mount -t cgroup2 none /mnt",
        "mount -o remount,rw /sys/fs/cgroup; cd /sys/fs/cgroup && mkdir a && cat a/cgroup.procs",
        "nsenter --target 1 --cgroup true && false",
    ],
)
def test_no_cgroup_is_reached(backend: NamespacesBackend, node: str, command: str) -> None:
    """No node, with an engine for containers or without, has the cgroups of who started it."""
    assert not backend.run(node, command).ok
    mounted = backend.run(node, "findmnt --noheadings --types cgroup,cgroup2")
    assert mounted.output == ""


def test_what_labs_need_is_left(backend: NamespacesBackend) -> None:
    """Programs that are setuid, and namespaces of every other kind, work as on any machine."""
    grep = "cp $(command -v grep) /tmp/grep && chmod 4755 /tmp/grep && "
    ask = "su -s /bin/sh nobody -c '/tmp/grep ^Uid: /proc/self/status'"
    _, real, effective, *_ = backend.run("plain", grep + ask).output.split()
    assert (real != "0", effective) == (True, "0")
    spaces = "unshare --user --map-root-user --mount --net --ipc --uts --pid --fork --mount-proc"
    assert backend.run("plain", f"{spaces} ip link show lo").ok
