"""A start by VirtualBox itself: in a VM, whose kernel takes VirtualBox's driver.

The backend runs in that VM, as on a computer with VirtualBox.  What it starts is first an OVA as
``labkernel image export`` writes it, but with a boot sector in the place of a system: that one
prints a line on the console and stops, within seconds.  Then it is the OVA itself, and Linux.
"""

import io
import json
import runpy
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkernel import Lab, Node, RunningLab, images
from labkernel.images import recipe
from labkernel.vm import formats

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]

_LINE = b"hello from VirtualBox\r\n"
_DISK = 1 << 20
_SERVER = "/usr/lib/virtualbox/VBoxSVC"
_ROOT = Path(__file__).resolve().parents[2]
# what it prints is read by `tried`
_PROGRAM = """\
import json, os, pathlib, signal, subprocess, sys
from labkernel import Node
from labkernel.backends.virtualbox import appliances, records, vboxmanage
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.backends.virtualbox.hypervisor import Hypervisor
from labkernel.errors import LabError
from labkernel.topology import Topology

class Undaunted(Hypervisor):
    def require(self, manage): pass

appliances.load(pathlib.Path("/root/labkernel-vm.ova"))
seen, cables = [], []
hypervisor = Undaunted() if "undaunted" in sys.argv else Hypervisor()
backend = VirtualBoxBackend("real", linger=0, hypervisor=hypervisor, boot_within=5)
manage = vboxmanage.VBoxManage(vboxmanage.find())
said = ""

def see(what, _):
    seen.append(what)
    if what == "waiting for the machines to boot" and "stopped" in sys.argv:
        pid = int(subprocess.check_output(["pidof", "VBoxHeadless"]))
        os.kill(pid, signal.SIGSTOP)
    elif what == "waiting for the machines to boot":
        for uuid in manage.running():
            for plugged in (False, True):
                hypervisor.set_link(manage, uuid, 1, plugged)
                cables.append(manage.values("showvminfo", uuid)["cableconnected1"])

try:
    topology = Topology("real", (Node("alpha", memory=256),), ())
    backend.up(topology, see)
except LabError as error:
    said = f"{type(error).__name__}: {error}"
left = [path.name for path in (records.directory() / "labs").iterdir()]
print(json.dumps({"said": said, "seen": seen, "cables": cables, "left": left,
    "running": list(manage.running()), "machines": len(manage.machines())}))
"""

_WHOLE = """\
import json, pathlib
from labkernel import Node
from labkernel.backends.virtualbox import appliances, vboxmanage
from labkernel.backends.virtualbox.backend import VirtualBoxBackend
from labkernel.topology import Topology

appliances.load(pathlib.Path("/root/labkernel-vm.ova"))
backend = VirtualBoxBackend("whole", linger=0, boot_within=1500)
try:
    backend.up(Topology("whole", (Node("alpha", memory=384, disk=1),), ()))
    words = "hostname; cat /sys/class/dmi/id/product_name; lsblk -rdno SIZE /dev/sd[ab] | sort"
    said = backend.run("alpha", words, timeout=300).output
finally:
    backend.down()
running = list(vboxmanage.VBoxManage(vboxmanage.find()).running())
print(json.dumps({"said": said, "running": running}))
"""


@pytest.fixture(scope="module")
def computer(ova: bytes) -> Iterator[RunningLab]:
    """A VM with VirtualBox and its driver, and with labkernel as it is here."""
    lab = Lab("computer", [Node("pc", image="virtualbox", kernel=True, memory=2048, nested=True)])
    images.build("virtualbox")
    with RunningLab(lab, "namespaces", options={"linger": 0}) as running:
        running.run("pc", "modprobe vboxdrv", expect=0)
        # VBoxManage starts it by itself, and gives up where that takes too long by emulation
        running.run("pc", f"setsid {_SERVER} > /dev/null 2>&1 < /dev/null &", expect=0)
        running.run("pc", "mkdir lk && tar -C lk -x", stdin=_labkernel(), expect=0)
        running.run("pc", "cat > lk/try.py", stdin=_PROGRAM.encode(), expect=0)
        running.run("pc", "cat > lk/whole.py", stdin=_WHOLE.encode(), expect=0)
        running.run("pc", "cat > labkernel-vm.ova", stdin=ova, expect=0)
        yield running


def _labkernel() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("labkernel", "images"):
            archive.add(_ROOT / name, name, filter=_source)
    return packed.getvalue()


def _source(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.endswith("__pycache__") else member


def tried(
    computer: RunningLab, *words: str, program: str = "try", within: int = 600
) -> dict[str, Any]:
    """What comes of a start by the backend, in the VM."""
    command = ["env", "PYTHONPATH=/root/lk", "python3", f"/root/lk/{program}.py", *words]
    printed = computer.run("pc", command, timeout=within, expect=0).output
    told: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def ova(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An OVA whose disk has nothing but a boot sector."""
    folder = tmp_path_factory.mktemp("ova")
    program = recipe.SHIPPED / "virtualbox/files/usr/local/bin/second-floppy"
    sector = runpy.run_path(str(program))["sector"](_LINE, b"", 1)
    (folder / "raw").write_bytes(sector.ljust(_DISK, b"\0"))
    formats.FORMATS[".ova"](folder / "raw", folder / "ova", "labkernel-vm")
    return (folder / "ova").read_bytes()


def test_while_kvm_has_the_processor(computer: RunningLab) -> None:
    """The backend sees beforehand that VirtualBox could start nothing; where it tries all the same,
    it tells VirtualBox's own refusal in a sentence, and nothing is left."""
    computer.run("pc", "modprobe kvm_amd 2>/dev/null || modprobe kvm_intel", expect=0)
    before = tried(computer)
    assert "KVM has taken the CPU's virtualisation" in before["said"]
    assert before["seen"] == []
    told = tried(computer, "undaunted")
    assert "another hypervisor has taken the CPU's virtualisation" in told["said"]
    assert told["seen"][-1] == "alpha: starting its machine"
    assert (told["running"], told["left"]) == ([], [])


def test_started(computer: RunningLab) -> None:
    """VirtualBox starts the clone of the imported OVA: its cable can be pulled and put back, its
    console's line is in the message, since nothing answers on SSH; then it is ended and
    unregistered, and the imported one stays."""
    computer.run("pc", "modprobe -r kvm_amd kvm_intel", expect=0)
    told = tried(computer)
    assert "waiting for the machines to boot" in told["seen"]
    assert told["cables"] == ["off", "on"]
    assert told["said"] == (
        "NodeLost: alpha: no answer on SSH within 5 s. "
        "Its console's last lines: hello from VirtualBox"
    )
    assert (told["running"], told["left"], told["machines"]) == ([], [], 1)


def test_a_machine_that_stands_still(computer: RunningLab) -> None:
    """A machine whose process was stopped ends with its lab, and is unregistered."""
    computer.run("pc", "modprobe -r kvm_amd kvm_intel", expect=0)
    told = tried(computer, "stopped")
    assert told["said"].startswith("NodeLost: alpha: no answer on SSH within 5 s.")
    assert (told["running"], told["left"], told["machines"]) == ([], [], 1)


@pytest.mark.timeout(2400)
def test_linux_on_it(computer: RunningLab, tmp_path: Path) -> None:
    """The OVA as it is boots on VirtualBox, which takes minutes here, and commands run on it; it
    has its second disk."""
    formats.export("vm", tmp_path / "vm.ova")
    computer.run("pc", "cat > labkernel-vm.ova", stdin=(tmp_path / "vm.ova").read_bytes(), expect=0)
    computer.run("pc", "modprobe -r kvm_amd kvm_intel", expect=0)
    told = tried(computer, program="whole", within=2000)
    assert told == {"said": "alpha\nVirtualBox\n1G\n4G\n", "running": []}
