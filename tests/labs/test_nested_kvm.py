"""Nested KVM: what trainees usually get wrong, and what the check then says."""

import pytest

from labkernel import RunningLab
from labkernel.labs import nested_kvm

pytestmark = pytest.mark.backend

LAB = "nested-kvm"


RIGHT = """\
modprobe -r kvm_amd kvm_intel kvm
modprobe kvm enable_virt_at_load=0
modprobe kvm_amd 2>/dev/null || modprobe kvm_intel"""


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
