"""Nested KVM: what trainees usually get wrong, and what the check then says."""

from labkernel import Mistake
from labkernel.labs import nested_kvm

MISTAKES = {
    nested_kvm.load: [
        Mistake("true", says="no module uses it"),
        Mistake(
            "mknod /dev/kvm c 10 232",
            says="Which module is it, for svm or for vmx?",
            fix="rm /dev/kvm\nmodprobe -r kvm",
        ),
    ],
    nested_kvm.driver: [
        Mistake("true", says="there is none"),
        Mistake("mknod /dev/vboxdrv c 10 5", says="no driver behind it", fix="rm /dev/vboxdrv"),
    ],
    nested_kvm.freed: [
        Mistake("true", says="has taken it when it was loaded"),
        Mistake("rm /dev/kvm", says="Unload it.", fix="mknod /dev/kvm c 10 232"),
    ],
}
