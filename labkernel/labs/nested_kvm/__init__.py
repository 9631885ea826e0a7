"""Nested KVM: virtual machines in virtual machines, and what the processor must show for that."""

from labkernel.labs.nested_kvm.steps import (
    compare,
    driver,
    freed,
    headless,
    load,
    made,
    ok,
    refused,
    screen,
    second,
    without,
)
from labkernel.labs.nested_kvm.topology import lab

__all__ = [
    "compare",
    "driver",
    "freed",
    "headless",
    "lab",
    "load",
    "made",
    "ok",
    "refused",
    "screen",
    "second",
    "without",
]
