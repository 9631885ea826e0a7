"""A node, whose root does what it can, changes and reads neither the machine nor what runs it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, discovery
from labkernel.backends.namespaces.confinement import DROPPED
from labkernel.errors import BackendUnavailable, NodeLost
from labkernel.topology import Link, Node, Topology
from tests.backends import inventory

pytestmark = pytest.mark.backend

SECRET = "of-the-starter-alone"
TOPOLOGY = Topology(
    "attacked",
    (Node("alpha"), Node("bravo")),
    (Link("lan", "alpha:eth0", "bravo:eth0", prefix=["2001:db8::/64"]),),
)
# each of these calls asks for something of the whole machine; the clock is set to what it shows
_CALLS = """
import errno, os, time
def refused(what, call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        print(what, errno.errorcode[error.errno])
    else:
        print(what, "worked")
refused("clock", time.clock_settime, time.CLOCK_REALTIME, time.time())
refused("block device", os.mknod, "/root/disk", 0o60600, os.makedev(254, 0))
refused("memory", os.mknod, "/root/mem", 0o20600, os.makedev(1, 1))
refused("trace", os.open, "/proc/1/mem", os.O_RDWR)
refused("environment", os.open, "/proc/1/environ", os.O_RDONLY)
refused("descriptors", os.listdir, "/proc/1/fd")
refused("log", os.open, "/proc/1/fd/2", os.O_WRONLY)
refused("program", os.readlink, "/proc/1/exe")
refused("kernel setting", os.open, "/proc/sys/kernel/core_pattern", os.O_WRONLY)
refused("caches", os.open, "/proc/sys/vm/drop_caches", os.O_WRONLY)
refused("sysrq", os.open, "/proc/sysrq-trigger", os.O_WRONLY)
refused("power", os.open, "/sys/power/state", os.O_WRONLY)
"""


@pytest.fixture(scope="module")
def backend(runtime_directory: Path) -> Iterator[NamespacesBackend]:
    """A lab, started by somebody who has a secret in the environment."""
    images.build("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_TOKEN", SECRET)
        backend = NamespacesBackend("attacked", linger=0)
        backend.up(TOPOLOGY)
    yield backend
    backend.down()


def test_what_is_of_the_machine_is_refused(backend: NamespacesBackend) -> None:
    """Clock, disks, memory, kernel settings, and what runs the node are out of its root's reach."""
    said = backend.run("alpha", ["python3", "-c", _CALLS]).output.splitlines()
    assert len(said) == _CALLS.count("\nrefused(")
    allowed = {"EPERM", "EACCES", "ENOENT", "EROFS"}
    assert [line for line in said if line.split()[-1] not in allowed] == []


@pytest.mark.parametrize(
    "command",
    [
        "date -s @$(date +%s)",
        "dmesg -C",
        "mount -t devtmpfs none /mnt",
        "mount -t debugfs none /mnt",
        "swapoff -a && swapoff /nothing",
        "mount -o remount,rw /sys/kernel",
        "nsenter --target 1 --pid true && kill -STOP 1 && grep -q '^State:.T' /proc/1/status",
        "losetup --find --show /etc/hostname",
        "sysctl -w kernel.hostname=taken kernel.panic=1",
        "ip link add dummy0 type dummy && nsenter --net=/proc/1/ns/net true && false",
    ],
)
def test_a_command_that_is_for_the_machine(backend: NamespacesBackend, command: str) -> None:
    """What would change the machine fails on a node."""
    before = _machine()
    assert not backend.run("alpha", command).ok
    assert _machine() == before


def _machine() -> tuple[str, str, str]:
    """What the commands above would change."""
    settings = ("hostname", "panic", "core_pattern")
    read = [Path(f"/proc/sys/kernel/{name}").read_text() for name in settings]
    return read[0], read[1], read[2]


_BENEATH = """
import os, subprocess
here = os.open("/proc/self/ns/mnt", os.O_RDONLY)
for _ in range(3):
    subprocess.run(["umount", "-l", "/"], stderr=subprocess.DEVNULL)
    try:
        os.setns(here, 0x20000)
    except (OSError, AttributeError) as error:
        print(error)
    os.chroot("/")
    os.chdir("/")
print(sorted(set(os.listdir("/")) & {"layers", "stage"}), os.path.exists("/dev/kvm"))
"""


def test_nothing_lies_beneath_a_nodes_root(backend: NamespacesBackend) -> None:
    """Who takes a node's root away finds no image layer and no device below it."""
    said = backend.run("alpha", ["unshare", "-m", "python3", "-c", _BENEATH])
    assert said.output.splitlines()[-1] == "[] False", said.output
    said = backend.run("alpha", ["python3", "-c", _BENEATH])
    assert said.output.splitlines()[-1] == "[] False", said.output
    assert backend.run("alpha", "findmnt --noheadings --output TARGET /").output == "/\n"


def test_a_crash_is_no_affair_of_the_machines(backend: NamespacesBackend) -> None:
    """Nothing that crashes on a node is handed to the machine's handler of core dumps."""
    assert backend.run("alpha", "ulimit -Hc; ulimit -Sc").output in ("0\n0\n", "1\n1\n")


def test_input_can_only_be_read(backend: NamespacesBackend) -> None:
    """What a command is given as its input it can't make larger."""
    grow = "import os; os.ftruncate(0, 1 << 40)"
    done = backend.run("alpha", ["python3", "-c", grow], stdin=b"x")
    assert not done.ok
    assert "Invalid argument" in done.output


def test_nothing_of_the_starter_is_seen(backend: NamespacesBackend) -> None:
    """No process of a node has the starter's environment, in whatever file of /proc."""
    pattern = f"[{SECRET[0]}]{SECRET[1:]}"  # which this command's own line does not match
    found = backend.run("alpha", f"grep -ls {pattern} /proc/[0-9]*/environ /proc/[0-9]*/cmdline")
    assert found.output == ""


def test_what_runs_a_node_is_opaque_to_other_users(backend: NamespacesBackend) -> None:
    """Its supervisor's environment has no secret, for whoever may look at it."""
    pid = backend._connected().ask("describe")["pid"]
    try:
        seen = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return  # an ordinary user: not even its own
    assert SECRET.encode() not in seen


def test_capabilities_of_the_machine_are_dropped(backend: NamespacesBackend) -> None:
    """Programs on a node have none of the capabilities that no lab needs."""
    status = backend.run("alpha", "grep ^CapBnd /proc/self/status").output
    bounding = int(status.split()[1], 16)
    assert [name for name, number in DROPPED.items() if bounding >> number & 1] == []


def test_root_of_a_node_is_nobody_outside(backend: NamespacesBackend) -> None:
    """Its root is another user than root of the machine."""
    outside = int(backend.run("alpha", "cat /proc/self/uid_map").output.split()[1])
    assert outside == (os.geteuid() or outside) != 0


def test_a_node_that_stops_itself(backend: NamespacesBackend, make: "Make") -> None:
    """Whatever a node does to its own processes, the lab's other nodes and other labs go on."""
    other = make("another")
    backend.run("alpha", "kill -STOP -1; kill -STOP 1; true", timeout=10)
    assert backend.run("bravo", "echo goes on").output == "goes on\n"
    assert other.run("alpha", "echo goes on").output == "goes on\n"
    assert backend.run("alpha", "echo goes on").output == "goes on\n"


def test_a_node_has_no_more_memory_than_its_own(backend: NamespacesBackend) -> None:
    """Nothing of what its processes were given is a file that they can fill."""
    script = "for fd in /proc/[0-9]*/fd/*; do readlink $fd; done | grep -c memfd"
    assert backend.run("alpha", script).output == "0\n"


Make = Callable[[str], NamespacesBackend]


@pytest.fixture
def make(runtime_directory: Path) -> Iterator[Make]:
    """Labs beside the attacked one, which end with the test."""
    made: list[NamespacesBackend] = []

    def start(instance: str) -> NamespacesBackend:
        backend = NamespacesBackend(instance, linger=0)
        backend.up(TOPOLOGY)
        made.append(backend)
        return backend

    yield start
    for backend in made:
        backend.down()


# RTM_DELLINK with IFLA_TARGET_NETNSID: a wire's other end is in a namespace that the kernel has
# numbered
_CUT = """
import socket, struct
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
for space in range(4):
    for index in range(1, 1100):
        header = struct.pack("=IHHII", 40, 17, 1, 1, 0)
        sock.send(header + struct.pack("=BxHiIIHHi", 0, 0, index, 0, 0, 8, 46, space))
"""


def test_wires_of_others(make: Make) -> None:
    """A node that takes away whatever links it can reach cuts off the nodes of its own lab at most:
    these still take commands, and neither the machine nor another lab loses a link."""
    cut, other = make("cut"), make("another")
    before = inventory.host()
    assert cut.run("alpha", ["python3", "-c", _CUT]).ok
    assert inventory.host() == before
    assert other.run("alpha", "ping -c 1 -W 5 bravo").ok
    assert cut.run("bravo", "echo goes on").output == "goes on\n"


if os.access("/dev/fuse", os.R_OK | os.W_OK):

    def test_a_file_system_that_nobody_serves(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """A node whose root mounts what never answers where programs are looked for first is given
        up by those who wait for it, and by nobody else, and its lab ends when it is told to."""
        monkeypatch.setattr("labkernel.backends.namespaces.running_command.GRACE", 0.2)
        monkeypatch.setattr("labkernel.backends.namespaces.running_command._KILLED", 0.5)
        options = "fd=3,rootmode=40000,user_id=0,group_id=0"
        hang = f"exec 3<>/dev/fuse; mount -i -t fuse -o {options} none /usr/local/sbin"
        hung, other = make("hung"), make("another")
        assert hung.run("alpha", f"{hang}; /bin/sleep 1000 >/dev/null 2>&1 &").ok
        with pytest.raises(NodeLost, match=r"alpha: the node does not answer"):
            hung.run("alpha", ["true"], timeout=0.5)
        for backend, node in ((hung, "bravo"), (other, "alpha")):
            assert backend.run(node, "echo goes on").output == "goes on\n"
        supervisor = os.pidfd_open(hung._connected().ask("describe")["pid"])
        hung.down()
        assert discovery.has_ended(supervisor, 20)


@pytest.mark.parametrize("umask", [0o027, 0o077])
def test_the_starters_umask(runtime_directory: Path, make: Make, umask: int) -> None:
    """Whatever the umask of who starts it, a node's files are open to its own users."""
    old = os.umask(umask)
    try:
        backend = make(f"umask-{umask:o}")
    finally:
        os.umask(old)
    script = "stat -c '%a %n' / /etc /etc/hosts /dev /dev/null /run /run/lock /tmp; umask"
    assert backend.run("alpha", script).output.split("\n") == [
        "755 /", "755 /etc", "644 /etc/hosts", "755 /dev", "666 /dev/null", "755 /run",
        "1777 /run/lock", "1777 /tmp", "0022", "",
    ]  # fmt: skip


def test_without_ipv6() -> None:
    """A kernel that was started with ipv6.disable=1 is told as that, with the remedy; and what
    would quieten it is left out."""
    from labkernel.backends.namespaces import devices, rootfs

    assert not Path(f"{rootfs.PLACE}/proc/sys/net/ipv6").exists()  # as there
    rootfs._silence_wires()
    with pytest.raises(BackendUnavailable, match=r"has no IPv6\. Try: take ipv6.disable=1 off"):
        devices.require_ipv6(f"{rootfs.PLACE}/proc/sys/net/ipv6")
