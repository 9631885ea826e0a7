"""Two machines: one with an ordinary processor, one whose processor can run virtual machines."""

from labkernel import Lab, Node

# VBoxManage starts it by itself, and gives up where that takes too long by emulation
_SERVER = "setsid /usr/lib/virtualbox/VBoxSVC > /dev/null 2>&1 < /dev/null &"

lab = Lab(
    "nested-kvm",
    title="Nested KVM: virtual machines in virtual machines",
    minutes=30,
    nodes=[
        Node("plain", image="vm", kernel=True, memory=256),
        Node("machine", image="virtualbox", kernel=True, memory=512, nested=True),
    ],
    setup={"machine": f"modprobe -r kvm_amd kvm_intel 2>/dev/null\n{_SERVER}"},
)
