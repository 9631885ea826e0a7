"""Diagnoses problems of VirtualBox on this computer, and explains its errors in a sentence."""

import platform as system
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labkernel.backends.virtualbox.vboxmanage import DOWNLOADS, Refused
from labkernel.errors import BackendError, BackendUnavailable

NAME = "virtualbox"
#: the first with the options that the backend uses
OLDEST = (7, 0)
#: from these on VirtualBox and a KVM that took the CPU when it was loaded share it (its driver's
#: SUPDrv-linux.c asks for the kernel); tried with VirtualBox 7.2.22 on Linux 6.12, which do not
_WITH_KVM = (7, 2, 10)
_SHARING = (6, 16)
#: the first that has KVM take the CPU when its module is loaded
_KVM_AT_LOAD = (6, 12)

_INSTALL = {
    "linux": f"install VirtualBox from your distribution, or from {DOWNLOADS}",
    "darwin": f"brew install --cask virtualbox, or the installer from {DOWNLOADS}",
    "win32": f"winget install Oracle.VirtualBox, or the installer from {DOWNLOADS}",
}
_NO_KVM = "sudo modprobe -r kvm_intel kvm_amd, or boot with kvm.enable_virt_at_load=0"
_UNSIGNED = (
    "Secure Boot is on, which refuses drivers that nobody it knows has signed",
    "sudo mokutil --import the key that DKMS signs with (/var/lib/dkms/mok.pub), or turn it off",
)


def unavailable(why: str, remedy: str) -> BackendUnavailable:
    """The error that this computer can't run the backend."""
    return BackendUnavailable(NAME, why, remedy)


def no_program() -> BackendUnavailable:
    """VBoxManage is nowhere."""
    remedy = _INSTALL.get(sys.platform, _INSTALL["linux"])
    return unavailable("VBoxManage is not installed", remedy)


def require_processor(machine: str | None = None) -> None:
    """The images are for x86-64, and VirtualBox runs what the CPU runs."""
    machine = machine or system.machine()
    if machine.lower() not in ("x86_64", "amd64"):
        raise unavailable(
            f"the images are for x86-64, and on this processor ({machine}) VirtualBox runs "
            "machines of its own kind alone",
            "a computer with an Intel or AMD processor",
        )


def require_version(version: tuple[int, ...]) -> None:
    """The options of VBoxManage have changed in their time."""
    if version < OLDEST:
        raise unavailable(
            f"VirtualBox {_text(version)} is too old", f"VirtualBox 7 from {DOWNLOADS}"
        )


@dataclass(frozen=True)
class Host:
    """The properties of a computer that VirtualBox's driver depends on.

    :param root: the root of its file system, for tests.
    :param platform: as in ``sys.platform``.
    :param release: the kernel's release.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    release: str = system.release()

    @property
    def has_driver(self) -> bool:
        """The driver is loaded; only Linux shows that by a file."""
        return self.platform != "linux" or (self.root / "dev/vboxdrv").exists()

    @property
    def secure_boot(self) -> bool:
        """The kernel refuses unsigned drivers because of Secure Boot (UEFI 2.10, 3.3)."""
        for path in (self.root / "sys/firmware/efi/efivars").glob("SecureBoot-*"):
            return path.read_bytes()[-1:] == b"\x01"
        return False

    @property
    def kvm_has_the_cpu(self) -> bool:
        """KVM has enabled the CPU's virtualisation when it was loaded."""
        modules = self.root / "sys/module"
        loaded = any((modules / name).exists() for name in ("kvm_intel", "kvm_amd"))
        return loaded and self._kvm_at_load in ("Y", "1") and self._kernel >= _KVM_AT_LOAD

    def shares(self, version: tuple[int, ...]) -> bool:
        """Check if this VirtualBox and this kernel's KVM can share the CPU's virtualisation."""
        return version >= _WITH_KVM and self._kernel >= _SHARING

    @property
    def kvm_is_held_back(self) -> bool:
        """KVM was loaded with the option not to enable the CPU's virtualisation."""
        return self._kvm_at_load in ("N", "0")

    @property
    def _kvm_at_load(self) -> str:
        try:
            path = self.root / "sys/module/kvm/parameters/enable_virt_at_load"
            return path.read_text(encoding="ascii").strip()
        except OSError:
            return ""

    @property
    def _kernel(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.release)[:2])


def require_driver(version: tuple[int, ...], host: Host | None = None) -> None:
    """Raise unless VirtualBox could start a machine here, as far as one can see beforehand."""
    host = host or Host()
    if not host.has_driver:
        raise _no_driver(host)
    if host.kvm_has_the_cpu and not host.shares(version):
        raise unavailable(
            f"KVM has taken the CPU's virtualisation, as Linux {host.release} does when its module "
            f"is loaded, and VirtualBox {_text(version)} wants it for itself",
            f"{_NO_KVM}, or VirtualBox {_text(_WITH_KVM)} on Linux {_text(_SHARING)}",
        )


def _no_driver(host: Host) -> BackendUnavailable:
    if host.platform == "linux":
        if host.secure_boot:
            return unavailable(f"VirtualBox's driver is not loaded: {_UNSIGNED[0]}", _UNSIGNED[1])
        return unavailable(
            "VirtualBox's driver is not loaded (there is no /dev/vboxdrv)",
            "sudo /sbin/vboxconfig (Debian, Ubuntu: sudo apt-get install virtualbox-dkms "
            "linux-headers-$(uname -r), then sudo modprobe vboxdrv)",
        )
    if host.platform == "darwin":
        return unavailable(
            "macOS does not let VirtualBox's driver in",
            "System Settings, Privacy & Security, allow the software of Oracle, and restart",
        )
    return unavailable(
        "VirtualBox's driver is not loaded",
        "as administrator: sc start vboxsup; if that fails, repair VirtualBox by its installer",
    )


_NO_DRIVER = {"VERR_VM_DRIVER_NOT_INSTALLED", "VERR_SUPLIB_NOT_ROOT", "VERR_VM_DRIVER_LOAD_ERROR"}
_CPU_TAKEN = {"VERR_VMX_IN_VMX_ROOT_MODE", "VERR_SVM_IN_USE", "VERR_VMX_IN_USE"}
_CPU_LACKS = {"VERR_VMX_NO_VMX", "VERR_SVM_NO_SVM"}
_CPU_OFF = {"VERR_VMX_MSR_ALL_VMX_DISABLED", "VERR_SVM_DISABLED", "VERR_VMX_MSR_VMX_DISABLED"}
_NO_MEMORY = {"VERR_NO_MEMORY", "VERR_NO_LOW_MEMORY", "E_OUTOFMEMORY", "VERR_NO_PAGE_MEMORY"}
_NO_DISK = {"VERR_DISK_FULL"}
_ENDED = "terminated unexpectedly during startup"


def explain(
    error: Refused, version: tuple[int, ...] = (), host: Host | None = None
) -> BackendError:
    """Explain VirtualBox's refusal to start a machine."""
    host = host or Host()
    for codes, meaning in _MEANINGS:
        if error.codes & codes:
            return meaning(error, version, host)
    if _ENDED in error.why and not host.has_driver:
        return _no_driver(host)
    return BackendError(f"VirtualBox did not start the machine: {error.why}")


def in_words(error: Refused) -> str:
    """VirtualBox's error message; for a full disk, with a remedy."""
    return str(_means_no_disk()) if error.codes & _NO_DISK else error.why


def _means_no_driver(_: Refused, __: tuple[int, ...], host: Host) -> BackendError:
    return _no_driver(host)


def _means_taken(_: Refused, version: tuple[int, ...], host: Host) -> BackendError:
    if host.platform == "win32":
        return _means_hyper_v(_, version, host)
    if host.platform == "linux" and host.shares(version) and host.kvm_is_held_back:
        return unavailable(
            f"VirtualBox {_text(version)} uses the CPU together with KVM, and this kernel was "
            "started with kvm.enable_virt_at_load=0",
            "boot without that parameter",
        )
    return unavailable("another hypervisor has taken the CPU's virtualisation", _NO_KVM)


def _means_lacking(*_: object) -> BackendError:
    return unavailable(
        "the CPU shows no hardware virtualisation (in a VM: nested virtualisation is off)",
        "a computer whose CPU has VT-x or AMD-V",
    )


def _means_off(*_: object) -> BackendError:
    return unavailable(
        "hardware virtualisation (VT-x, AMD-V) is turned off in the firmware",
        "turn it on in the computer's BIOS or UEFI set-up",
    )


def _means_hyper_v(*_: object) -> BackendError:
    return unavailable(
        "Hyper-V, or what stands on it (WSL 2, memory integrity), has taken the CPU's "
        "virtualisation",
        "as administrator: bcdedit /set hypervisorlaunchtype off, and restart",
    )


def _means_no_memory(*_: object) -> BackendError:
    return BackendError(
        "the computer has too little memory for another machine", "end other labs or programs"
    )


def _means_no_disk(*_: object) -> BackendError:
    return BackendError(
        "the disk is full", "free some, or have LABKERNEL_VIRTUALBOX name a directory elsewhere"
    )


_MEANINGS: tuple[tuple[set[str], Callable[[Refused, tuple[int, ...], Host], BackendError]], ...] = (
    (_NO_DRIVER, _means_no_driver),
    (_CPU_TAKEN, _means_taken),
    (_CPU_LACKS, _means_lacking),
    (_CPU_OFF, _means_off),
    ({"VERR_NEM_NOT_AVAILABLE", "VERR_NEM_VM_CREATE_FAILED"}, _means_hyper_v),
    (_NO_MEMORY, _means_no_memory),
    (_NO_DISK, _means_no_disk),
)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def require_memory(needed: int, hostinfo: str) -> None:
    """Raise unless there is memory for the lab.

    :param needed: MiB.
    :param hostinfo: what ``VBoxManage list hostinfo`` prints.
    """
    found = re.search(r"^Memory available: *(\d+) MByte", hostinfo, re.MULTILINE)
    if found and int(found[1]) < needed:
        raise BackendError(
            f"the lab's machines take {needed} MB of memory, and {found[1]} MB are free",
            "end other labs or programs",
        )
