"""Nested KVM: virtual machines in virtual machines, and what the processor must show for that."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Lab, Node
from labkernel.checks import printed
from labkernel.labs._plots import BLUE, GREY, bars

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from labkernel import Outcome

_TIME = re.compile(r"^(kvm|tcg): ([\d.]+) s$", re.MULTILINE)
_VOLATILE = r"^(?:kvm|tcg): (?P<seconds>[\d.]+) s$"

lab = Lab(
    "nested-kvm",
    title="Nested KVM: virtual machines in virtual machines",
    nodes=[
        Node("plain", image="vm", kernel=True, memory=256),
        Node("machine", image="nested", kernel=True, memory=512, nested=True),
    ],
    setup={"machine": "modprobe -r kvm_amd kvm_intel 2>/dev/null; true"},
)

without = lab.step(
    "Look at a processor without the feature",
    on="plain",
    run="grep -c -w -E 'svm|vmx' /proc/cpuinfo\nls /dev/kvm",
    check=printed(r"^0$", "a processor that shows neither svm nor vmx"),
    wrong="echo 1",
    exits=None,
    about="svm is AMD's name for it, vmx is Intel's. Without either there is no /dev/kvm.",
)


def _kvm_works(lab: Lab) -> str:
    """KVM makes a VM on the machine: the device alone proves nothing."""
    make = "import fcntl, os; os.close(fcntl.ioctl(os.open('/dev/kvm', os.O_RDWR), 0xAE01, 0))"
    made = lab.run("machine", ["python3", "-c", make])
    if made.ok:
        return "/dev/kvm is there, and KVM makes a VM"
    if lab.run("machine", "grep -q -w -E 'svm|vmx' /proc/cpuinfo").ok:
        raise CheckFailed(
            "machine: expected a /dev/kvm that makes VMs",
            "the processor shows the feature, and no module uses it",
            "Which module is it, for svm or for vmx?",
        )
    raise CheckFailed("machine: expected svm or vmx in /proc/cpuinfo", "there is neither")


load = lab.task(
    "Load what makes /dev/kvm",
    on="machine",
    solution="modprobe kvm_amd 2>/dev/null || modprobe kvm_intel",
    check=_kvm_works,
    undo="modprobe -r kvm_amd kvm_intel; [ ! -e /dev/kvm ]",
    hint=[
        "Does the processor show svm, or vmx? `grep -w -o -m1 -E 'svm|vmx' /proc/cpuinfo`",
        "For svm the module is kvm_amd, for vmx kvm_intel; `modprobe` loads one.",
    ],
    about="This machine's processor has the feature, but nothing in its kernel uses it yet.",
)

ok = lab.step(
    "Ask kvm-ok",
    on="machine",
    run="kvm-ok\ncat /sys/module/kvm_*/parameters/nested | tr Y 1",
    check=printed("KVM acceleration can be used", "kvm-ok's consent"),
    wrong="kvm-ok | tr a-z A-Z",
    about="kvm-ok looks at the flags and at /dev/kvm. Whether this machine's guests could have "
    "guests themselves, it does not tell: that is the module's parameter `nested`.",
)

second = lab.step(
    "Run a guest of the second level",
    on="machine",
    run="second-level kvm",
    check=printed("hello from the second level", "the guest's line"),
    wrong="echo nobody is here",
    volatile=_VOLATILE,
    timeout=120,
    about="The guest counts down from fifty million, prints a line on its serial port and ends. It "
    "has no BIOS and no disk: its 32 octets of program stand where a BIOS would.",
)


def _plot(outcome: "Outcome") -> "Figure":
    """A bar for each way, in seconds."""
    seconds = {name: float(text) for name, text in _TIME.findall(outcome.output)}
    figure, axes = bars(6, 1.6, "Seconds until the second-level guest has ended")
    drawn = axes.barh(list(seconds), list(seconds.values()), color=BLUE)
    axes.bar_label(drawn, [f"{each:.1f} s" for each in seconds.values()], padding=4, color=GREY)
    axes.set_xlim(0, 1.15 * max(seconds.values(), default=1))
    return figure


def _kvm_is_quicker(lab: Lab) -> str:
    outcome = lab.outcome()
    seconds = dict(_TIME.findall(outcome.output if outcome else ""))
    if set(seconds) != {"kvm", "tcg"}:
        raise CheckFailed("expected a time for kvm and one for tcg", f"saw {len(seconds)}")
    if float(seconds["tcg"]) <= float(seconds["kvm"]):
        raise CheckFailed("expected KVM to be quicker than emulation", "it is not")
    return "the guest ended sooner by KVM than by emulation"


compare = lab.step(
    "Compare it with plain emulation",
    on="machine",
    run="second-level kvm\nsecond-level tcg",
    check=_kvm_is_quicker,
    wrong="echo kvm: 2.0 s\necho tcg: 1.0 s",
    view=_plot,
    volatile=_VOLATILE,
    timeout=300,
)
