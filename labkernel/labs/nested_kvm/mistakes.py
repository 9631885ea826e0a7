"""Nested KVM: what trainees usually get wrong, and what the check then says."""

from labkernel import Mistake, Right
from labkernel.labs import nested_kvm

MISTAKES = {
    nested_kvm.load: [
        Mistake("true", says="no module uses it"),
        Mistake(
            "mknod /dev/kvm c 10 232",
            says="Which module is it, for svm or for vmx?",
            fix="rm /dev/kvm\nmodprobe -r kvm",
            fix_first=True,  # the kernel neither takes nor removes a node that it has not made
        ),
    ],
    nested_kvm.driver: [
        Mistake("true", says="there is none"),
        Mistake(
            "mknod /dev/vboxdrv c 10 5",
            says="no driver behind it",
            fix="rm /dev/vboxdrv",
            fix_first=True,
        ),
    ],
    nested_kvm.freed: [
        Mistake("true", says="has taken it when it was loaded"),
        Mistake("rm /dev/kvm", says="Unload it.", fix="mknod /dev/kvm c 10 232"),
    ],
}

ALSO_RIGHT = {
    nested_kvm.load: [
        Right(  # with the parameter that 2016 needed
            "modprobe kvm_amd nested=1 2>/dev/null || modprobe kvm_intel nested=1",
        ),
        Right(  # file by file
            "module=$(grep -q -w svm /proc/cpuinfo && echo kvm_amd || echo kvm_intel)\n"
            "modprobe --show-depends $module | while read -r insmod; do $insmod 2>/dev/null; done",
        ),
    ],
    nested_kvm.driver: [
        Right("insmod $(modinfo -n vboxdrv)"),
        Right(  # for the next boot as well
            "echo vboxdrv > /etc/modules-load.d/virtualbox.conf\n"
            "xargs modprobe < /etc/modules-load.d/virtualbox.conf",
            undo=f"rm /etc/modules-load.d/virtualbox.conf\n{nested_kvm.driver.undo}",
        ),
    ],
    nested_kvm.freed: [
        Right("rmmod kvm_amd 2>/dev/null || rmmod kvm_intel"),
        Right(  # KVM stays, and takes the processor when it makes a VM
            "modprobe -r kvm_amd kvm_intel kvm\nmodprobe kvm enable_virt_at_load=0\n"
            "modprobe kvm_amd 2>/dev/null || modprobe kvm_intel",
            undo="modprobe -r kvm_amd kvm_intel kvm\n"
            "modprobe kvm_amd 2>/dev/null || modprobe kvm_intel",
        ),
    ],
}
