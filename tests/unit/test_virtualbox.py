"""What VBoxManage says, where it is, and what stands in its way: told in sentences."""

import socket
from pathlib import Path

import pytest

from labkernel import RunningLab, labs
from labkernel.backends.virtualbox import cleanup, clones, diagnostics, guest, vboxmanage
from labkernel.backends.virtualbox.diagnostics import Host
from labkernel.backends.virtualbox.vboxmanage import Refused, VBoxManage
from labkernel.errors import BackendError, BackendUnavailable, LabError
from labkernel.testing import CONTRACT_TOPOLOGY
from labkernel.topology import Link, Node, Topology

_MAC = {"darwin": "/Applications/VirtualBox.app/Contents/MacOS/VBoxManage"}
_ENDED = """\
VBoxManage: error: The virtual machine 'x' has terminated unexpectedly during startup with exit \
code 1 (0x1)
VBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component MachineWrap, interface \
IMachine
"""
_READY_NEXT_TIME = """\
#!/bin/sh
echo "$@" >>"${{0%/*}}/asked"
[ $(wc -l <"${{0%/*}}/asked") -gt 1 ] && echo ready && exit
echo '{}'
exit 1
"""
_NOT_READY = """\
VBoxManage: error: The object is not ready
VBoxManage: error: Details: code E_ACCESSDENIED (0x80070005), component SessionMachine"""
_NO_SERVER = """\
VBoxManage: error: Failed to create the VirtualBox object!
VBoxManage: error: Code NS_ERROR_FAILURE (0x80004005) - Operation failed
VBoxManage: error: Most likely, the VirtualBox COM server is not running or failed to start."""


def refused(said: str) -> Refused:
    """VBoxManage's refusal to start a machine."""
    return Refused(("startvm", "x"), said)


def linux(
    tmp_path: Path, *files: tuple[str, bytes], driver: bool = True, release: str = "6.12.0"
) -> Host:
    """A Linux computer with these files."""
    for name, data in (*files, *([("dev/vboxdrv", b"")] if driver else [])):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Host(tmp_path, "linux", release)


KVM = (
    ("sys/module/kvm_intel/x", b""),
    ("sys/module/kvm/parameters/enable_virt_at_load", b"Y\n"),
)


def test_where_installers_put_it() -> None:
    """VBoxManage is looked for where the installers for macOS and Windows put it."""
    assert Path(_MAC["darwin"]) in vboxmanage.candidates("darwin", {})
    environment = {"VBOX_MSI_INSTALL_PATH": "/vb", "ProgramFiles": "/programs"}
    assert list(vboxmanage.candidates("win32", environment)) == [
        Path("/vb/VBoxManage.exe"),
        Path("/programs/Oracle/VirtualBox/VBoxManage.exe"),
    ]


def test_a_refusal_is_a_sentence() -> None:
    """Of VBoxManage's errors the sentence is kept and the codes are known, not its source lines."""
    error = refused(_ENDED + 'VBoxManage: error: Context: "x" at line 7 of file Y.cpp\n')
    assert str(error).endswith("during startup with exit code 1 (0x1)")
    assert error.codes == {"NS_ERROR_FAILURE"}


def ready_next_time(folder: Path, said: str) -> VBoxManage:
    """One that fails with this, when it is first asked; what it is asked is in the file `asked`."""
    program = folder / "VBoxManage"
    program.write_text(_READY_NEXT_TIME.format(said))
    program.chmod(0o755)
    return VBoxManage(program)


def test_a_machine_in_the_making_is_waited_for(tmp_path: Path) -> None:
    """While VirtualBox's server makes a machine or takes it away, it is asked again."""
    manage = ready_next_time(tmp_path, _NOT_READY)
    assert cleanup.patiently(manage, "showvminfo", "x") == "ready\n"
    assert (tmp_path / "asked").read_text() == "showvminfo x\nshowvminfo x\n"


def test_a_server_that_ends_is_started_again(tmp_path: Path) -> None:
    """Where VirtualBox's server did not answer, because it was just ending, it is asked again."""
    assert ready_next_time(tmp_path, _NO_SERVER).run("list", "vms") == "ready\n"
    assert (tmp_path / "asked").read_text() == "list vms\nlist vms\n"


def test_a_server_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it never answers, VirtualBox's own words are the reason."""
    monkeypatch.setattr(vboxmanage, "_SERVED", 0.0)
    with pytest.raises(BackendError, match="the VirtualBox COM server is not running"):
        ready_next_time(tmp_path, _NO_SERVER).run("list", "vms")


def test_what_a_machine_says_first_counts() -> None:
    """A description of many lines can't pass for the machine's file."""
    text = 'CfgFile="/right"\ndescription="x\nCfgFile="/wrong""\nSATA-0-0="none"\n"SATA-1-0"="/y"\n'
    told = vboxmanage.values(text)
    assert (told["CfgFile"], told["SATA-1-0"]) == ("/right", "/y")


def test_no_driver(tmp_path: Path) -> None:
    """Without the driver's device a start that failed is told as what it is, with the remedy."""
    explained = diagnostics.explain(refused(_ENDED), (7, 2, 22), linux(tmp_path, driver=False))
    assert isinstance(explained, BackendUnavailable)
    assert "no /dev/vboxdrv" in explained.why
    assert "vboxconfig" in explained.remedy


def test_secure_boot(tmp_path: Path) -> None:
    """Where the firmware refuses unsigned drivers, that is named as the reason."""
    name = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    host = linux(tmp_path, (name, b"\6\0\0\0\1"), driver=False)
    with pytest.raises(BackendUnavailable, match="Secure Boot is on"):
        diagnostics.require_driver((7, 2, 22), host)


def test_kvm_in_the_way(tmp_path: Path) -> None:
    """From Linux 6.12 on, KVM has the CPU; VirtualBox 7.2.10 on Linux 6.16 shares it."""
    host = linux(tmp_path, *KVM)
    with pytest.raises(BackendUnavailable, match=r"KVM has taken.*enable_virt_at_load=0"):
        diagnostics.require_driver((7, 2, 8), host)
    diagnostics.require_driver((7, 2, 10), Host(tmp_path, "linux", "6.16.0"))
    diagnostics.require_driver((7, 2, 8), Host(tmp_path, "linux", "6.11.0"))
    with pytest.raises(BackendUnavailable, match="KVM has taken"):
        diagnostics.require_driver((7, 2, 22), Host(tmp_path, "linux", "6.12.117"))


def test_kvm_held_back(tmp_path: Path) -> None:
    """Where VirtualBox and KVM share the CPU, the override of before is itself in the way."""
    held = ("sys/module/kvm/parameters/enable_virt_at_load", b"N\n")
    error = refused("VBoxManage: error: No (VERR_VMX_IN_VMX_ROOT_MODE)\n")
    new = diagnostics.explain(error, (7, 2, 22), linux(tmp_path, held, release="6.16.0"))
    assert "boot without that parameter" in str(new)
    old = diagnostics.explain(error, (7, 2, 8), linux(tmp_path, held))
    assert "modprobe -r" in str(old)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("VERR_VM_DRIVER_NOT_INSTALLED", "driver is not loaded"),
        ("VERR_SVM_IN_USE", "another hypervisor has taken"),
        ("VERR_VMX_NO_VMX", "no hardware virtualisation"),
        ("VERR_SVM_DISABLED", "turned off in the firmware"),
        ("VERR_NEM_VM_CREATE_FAILED", "Hyper-V"),
        ("VERR_NO_MEMORY", "too little memory"),
        ("VERR_DISK_FULL", "disk is full"),
    ],
)
def test_what_a_code_means(tmp_path: Path, code: str, says: str) -> None:
    """What VirtualBox says by a code is said in words, with what to try."""
    host = linux(tmp_path)
    explained = str(diagnostics.explain(refused(f"VBoxManage: error: x ({code})\n"), (7, 2), host))
    assert says in explained
    assert "Try: " in explained


@pytest.mark.parametrize(
    ("platform", "says"), [("darwin", "Privacy & Security"), ("win32", "vboxsup")]
)
def test_no_driver_elsewhere(platform: str, says: str) -> None:
    """Under macOS and Windows the remedy is theirs."""
    error = refused("VBoxManage: error: x (VERR_VM_DRIVER_NOT_INSTALLED)\n")
    assert says in str(diagnostics.explain(error, (7, 2), Host(platform=platform)))


def test_anything_else_is_told_as_it_is(tmp_path: Path) -> None:
    """An error that nobody knows is passed on in VirtualBox's own words."""
    explained = diagnostics.explain(refused("VBoxManage: error: Odd.\n"), (7, 2), linux(tmp_path))
    assert str(explained) == "VirtualBox did not start the machine: Odd."


def test_another_processor() -> None:
    """On a processor of another kind the images can't run, and nothing is tried."""
    with pytest.raises(BackendUnavailable, match=r"x86-64.*arm64"):
        diagnostics.require_processor("arm64")
    diagnostics.require_processor("AMD64")


def test_too_old() -> None:
    """A VirtualBox before 7 lacks the options."""
    with pytest.raises(BackendUnavailable, match=r"VirtualBox 6\.1\.50 is too old"):
        diagnostics.require_version((6, 1, 50))


def test_too_little_memory() -> None:
    """A lab that does not fit is refused before anything is made, with both numbers."""
    told = "Memory size: 8000 MByte\nMemory available: 900 MByte\n"
    with pytest.raises(BackendError, match=r"take 1024 MB of memory, and 900 MB are free"):
        diagnostics.require_memory(1024, told)
    diagnostics.require_memory(512, told)


def test_too_many_interfaces() -> None:
    """A machine has eight NICs: a node with more interfaces is refused by its name."""
    links = [Link(f"l{n}", f"a:eth{n}", f"b:eth{n}") for n in range(8)]
    with pytest.raises(BackendError, match="a: a machine of VirtualBox has 8 NICs"):
        clones.require_nics(Topology("many", (Node("a"), Node("b")), tuple(links)))
    clones.require_nics(CONTRACT_TOPOLOGY)


def test_no_machine_has_too_little_memory_to_boot() -> None:
    """A node's memory is at least what the kernel needs."""
    assert [clones.memory(Node("a", memory=n)) for n in (16, 700)] == [256, 700]


def test_a_port_that_is_taken_is_seen() -> None:
    """While the ports of a lab are kept for it, they are not free."""
    with clones.free_ports(2) as ports:
        assert [clones.is_free(port) for port in ports] == [False, False]


def test_a_port_on_which_a_connection_ended_is_free() -> None:
    """A machine that starts again keeps its port, whatever ended there a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0] as ours:
            assert not clones.is_free(port)
            ours.close()
    assert clones.is_free(port)


def test_interfaces_are_renamed_by_way_of_others() -> None:
    """Two interfaces may have each other's names at first: no name is taken twice meanwhile."""
    script = guest.script(CONTRACT_TOPOLOGY, CONTRACT_TOPOLOGY.node("alpha"))
    renames = [line.split() for line in script.splitlines() if line.startswith("rename ")]
    assert [words[2] for words in renames] == ["labkernel0", "labkernel1", "eth0", "eth1"]


def test_a_lab_that_does_not_go_there() -> None:
    """A lab that does not run on machines says why in one sentence; the others are found there."""
    with pytest.raises(LabError, match=r"it needs links that carry LACP .*--backend namespaces$"):
        RunningLab(labs.load("bonding"), "virtualbox")
    with pytest.raises(LabError, match="virtualbox backend: it needs a Docker engine on a node"):
        RunningLab(labs.load("docker-nat"), "virtualbox")
    for name in ("start", "ipv6", "anyip"):
        assert RunningLab(labs.load(name), "virtualbox").backend.name == "virtualbox"
