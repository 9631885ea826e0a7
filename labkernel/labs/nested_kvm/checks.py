"""What KVM and the second level have to show."""

import re
from typing import TYPE_CHECKING

from labkernel import Attempt, CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs._plots import BLUE, GREY, bars

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from labkernel import Outcome

_TIME = re.compile(r"^(kvm|tcg): ([\d.]+) s$", re.MULTILINE)


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
    seconds = dict(_TIME.findall(attempt.output))
    if set(seconds) != {"kvm", "tcg"}:
        raise CheckFailed("a time for kvm and one for tcg", f"saw {len(seconds)}")
    if float(seconds["tcg"]) <= float(seconds["kvm"]):
        raise CheckFailed("KVM to be quicker than emulation", "it is not")
    return "the guest ended sooner by KVM than by emulation"


def plot(outcome: "Outcome") -> "Figure":
    """A bar for each way, in seconds."""
    seconds = {name: float(text) for name, text in _TIME.findall(outcome.output)}
    figure, axes = bars(6, 1.6, "Seconds until the second-level guest has ended")
    drawn = axes.barh(list(seconds), list(seconds.values()), color=BLUE)
    axes.bar_label(drawn, [f"{each:.1f} s" for each in seconds.values()], padding=4, color=GREY)
    axes.set_xlim(0, 1.15 * max(seconds.values(), default=1))
    return figure
