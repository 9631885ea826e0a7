"""Checks of KVM, of the guest of the second level, and of VirtualBox beside KVM."""

import re

from labkernel import Attempt, CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nested_kvm.commands import IMAGE, PORT, SERIAL

TIME = re.compile(r"^(kvm|tcg): ([\d.]+) s$", re.MULTILINE)


# /dev/kvm is no file to name: opened for writing, as here, it counts as written
@looks_at()
def kvm_works(attempt: "Attempt") -> str:
    """KVM makes a VM on the machine: the device alone proves nothing."""
    make = "import fcntl, os; os.close(fcntl.ioctl(os.open('/dev/kvm', os.O_RDWR), 0xAE01, 0))"
    made = attempt.run("machine", ["python3", "-c", make])
    if made.ok:
        return "/dev/kvm is there, and KVM makes a VM"
    if attempt.run("machine", "grep -q -w -E 'svm|vmx' /proc/cpuinfo").ok:
        raise CheckFailed(
            Expected("machine", "a /dev/kvm that makes VMs"),
            "the processor shows the feature, and no module uses it",
            "Which module is it, for svm or for vmx?",
        )
    raise CheckFailed(Expected("machine", "svm or vmx in /proc/cpuinfo"), "there is neither")


@looks_at()
def kvm_is_quicker(attempt: "Attempt") -> str:
    """KVM beats emulation."""
    seconds = dict(TIME.findall(attempt.output))
    if set(seconds) != {"kvm", "tcg"}:
        raise CheckFailed("a time for kvm and one for tcg", f"saw {len(seconds)}")
    if float(seconds["tcg"]) <= float(seconds["kvm"]):
        raise CheckFailed("KVM to be quicker than emulation", "it is not")
    return "the guest ended sooner by KVM than by emulation"


@looks_at(file("machine", "/dev/vboxdrv"))
def driver_answers(attempt: "Attempt") -> str:
    """The driver is loaded, and can be opened."""
    if attempt.run("machine", ": < /dev/vboxdrv").ok:
        return "/dev/vboxdrv is there, and the driver answers"
    there = attempt.run("machine", "[ -e /dev/vboxdrv ]").ok
    seen = "there is one, and no driver behind it" if there else "there is none"
    hint = "The module is built for this kernel: `modinfo -n vboxdrv`. Who loads it?"
    raise CheckFailed(Expected("machine", "a /dev/vboxdrv that can be opened"), seen, hint)


@looks_at()
def is_registered(attempt: "Attempt") -> str:
    """The machine has its floppy disk, and its serial port goes to the file."""
    said = attempt.run("machine", "VBoxManage showvminfo second --machinereadable").output
    wanted = {"floppy-0-0": IMAGE, "uartmode1": f"file,{SERIAL}"}
    for key, value in wanted.items():
        if f'"{key}"="{value}"' not in said and f'{key}="{value}"' not in said:
            raise CheckFailed(
                Expected("machine", f"the machine “second” with {value} as its {key}"),
                "it has it not" if "VMState=" in said else "VirtualBox knows no such machine",
            )
    return "VirtualBox knows the machine, its floppy disk and its serial port"


# /dev/kvm goes some time before the module does
@looks_at()
def processor_is_free(attempt: "Attempt") -> str:
    """KVM has not taken the processor's feature."""
    modules = attempt.run("machine", "cat /proc/modules").output
    kvm = re.search(r"^(kvm_amd|kvm_intel) \d+ (\d+)", modules, re.MULTILINE)
    if kvm is None:
        return "no module of KVM uses the feature"
    at_load = attempt.run("machine", "cat /sys/module/kvm/parameters/enable_virt_at_load").output
    if at_load.strip() == "N" and kvm[2] == "0":
        return f"{kvm[1]} is loaded, and takes the processor only when it makes a VM"
    raise CheckFailed(
        Expected("machine", "a processor that VirtualBox can have"),
        f"{kvm[1]} has taken it when it was loaded",
        "What did you load to have /dev/kvm? Unload it.",
    )


@looks_at()
def screen_answers(attempt: "Attempt") -> str:
    """The server of the machine's screen says its version (RFC 6143, 7.1.1)."""
    ask = f"exec 3<> /dev/tcp/127.0.0.1/{PORT} && timeout 20 head -c 11 <&3"
    said = attempt.run("machine", ask).output
    if re.fullmatch(r"RFB \d{3}\.\d{3}", said):
        return f"on port {PORT} of the loopback a VNC server answers: {said}"
    said = attempt.run("machine", "VBoxManage showvminfo second --machinereadable").output
    runs, offered = 'VMState="running"' in said, 'vrde="on"' in said
    raise CheckFailed(
        Expected("machine", f"a VNC server on port {PORT} of the loopback"),
        "the machine runs, and nobody answers" if runs else "the machine does not run",
        "What does `VBoxManage showvminfo second | grep VRDE` say?",
        permanent=not (runs and offered),
    )
