"""Two machines: one with an ordinary processor, one whose processor can run virtual machines."""

from labkernel import Lab, Node

lab = Lab(
    "nested-kvm",
    title="Nested KVM: virtual machines in virtual machines",
    nodes=[
        Node("plain", image="vm", kernel=True, memory=256),
        Node("machine", image="virtualbox", kernel=True, memory=512, nested=True),
    ],
    setup={"machine": "modprobe -r kvm_amd kvm_intel 2>/dev/null; true"},
)
