"""Tests if KVM works on this machine: its device can exist without working."""

import os
import re
from pathlib import Path

_CREATE_VM = 0xAE01  # _IO(KVMIO, 0x01), linux/kvm.h


def unusable_reason(device: str = "/dev/kvm") -> str:
    """Why KVM can't be used, without a full stop; empty if it can: a VM was made and closed.

    A device that makes VMs is not enough: without the CPU's help some make one that hangs.
    """
    if not Path(device).exists():
        return f"there is no {device}"
    try:
        fd = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return f"{device} can't be opened: {error.strerror}"
    import fcntl  # which Windows lacks, and KVM with it

    try:
        os.close(fcntl.ioctl(fd, _CREATE_VM, 0))
    except OSError as error:
        return f"{device} makes no VM: {error.strerror}"
    finally:
        os.close(fd)
    return "" if _cpu_helps() else "the CPU shows neither vmx nor svm"


def _cpu_helps() -> bool:
    """Check if the CPU has hardware virtualisation; only x86 shows it by a flag."""
    if os.uname().machine != "x86_64":
        return True
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return bool(re.search(r"^flags\s*:.*\b(vmx|svm)\b", cpuinfo, re.MULTILINE))


def accelerator() -> str:
    """The value of QEMU's ``-accel`` here: KVM if it works, otherwise emulation with threads."""
    return "tcg,thread=multi" if unusable_reason() else "kvm"
