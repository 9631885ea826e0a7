"""Nested KVM: what trainees usually get wrong, and what the check then says."""

import pytest

from labkernel import Lab, Step
from labkernel.labs import nested_kvm

from .conftest import Mistakes, diagnosis_of, each_of

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
}


@each_of(MISTAKES)
def test_diagnosis(lab: Lab, step: Step, node: str, mistake: str, remedy: str, words: str) -> None:
    """The check says what is wrong."""
    assert words in diagnosis_of(lab, step, node, mistake, remedy)
