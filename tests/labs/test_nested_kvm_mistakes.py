"""Nested KVM: what trainees usually get wrong, and what the check then says."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import nested_kvm

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "nested-kvm"

MISTAKES: Mistakes = {
    nested_kvm.load: [
        ("machine", "true", "true", "no module uses it"),
        (
            "machine",
            "mknod /dev/kvm c 10 232",
            "rm /dev/kvm\nmodprobe -r kvm",
            "Which module is it, for svm or for vmx?",
        ),
    ],
    nested_kvm.driver: [
        ("machine", "true", "true", "there is none"),
        ("machine", "mknod /dev/vboxdrv c 10 5", "rm /dev/vboxdrv", "no driver behind it"),
    ],
    nested_kvm.freed: [
        ("machine", "true", "true", "has taken it when it was loaded"),
        (
            "machine",
            "rm /dev/kvm",
            "mknod /dev/kvm c 10 232",
            "Unload it.",
        ),
    ],
}

RIGHT = """\
modprobe -r kvm_amd kvm_intel kvm
modprobe kvm enable_virt_at_load=0
modprobe kvm_amd 2>/dev/null || modprobe kvm_intel"""


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.walk(nested_kvm.headless)
def test_another_right_answer(running: RunningLab) -> None:
    """KVM may stay, where it was told not to take the processor: VirtualBox starts its machine."""
    running.run("machine", RIGHT, expect=0)
    try:
        running.evidence(nested_kvm.freed)
        started = running.run("machine", nested_kvm.headless.run, timeout=300)
        assert "hello from VirtualBox" in started.output
    finally:
        running.run("machine", nested_kvm.freed.solution, expect=0)
