"""The steps and tasks of the lab: KVM, a guest of the second level, VirtualBox."""

from labkernel.checks import eventually, printed
from labkernel.labs.nested_kvm import checks, commands, views
from labkernel.labs.nested_kvm.topology import lab

_VOLATILE = r"^(?:kvm|tcg): (?P<seconds>[\d.]+) s$"
# AMD's processor or Intel's
_REFUSAL = (
    r"can't (?P<this>enable the \S+ extension|operate in VMX root mode)"
    r"|(?P<feature>AMD-V|VT-x) is|(?P<reason>VERR_[A-Z_]+)"
)

without = lab.step(
    "without",
    "Look at a processor without the feature",
    on="plain",
    run="grep -c -w -E 'svm|vmx' /proc/cpuinfo\nls /dev/kvm",
    check=printed(r"^0$", "a processor that shows neither svm nor vmx"),
    wrong="echo 1",
    exits=None,
    about="svm is AMD's name for it, vmx is Intel's. Without either there is no /dev/kvm.",
)

load = lab.task(
    "load",
    "Load the KVM module",
    on="machine",
    solution="modprobe kvm_amd 2>/dev/null || modprobe kvm_intel",
    check=checks.kvm_works,
    undo="modprobe -r kvm_amd kvm_intel; [ ! -e /dev/kvm ]",
    hint=[
        "Does the processor show svm, or vmx? `grep -w -o -m1 -E 'svm|vmx' /proc/cpuinfo`",
        "For svm the module is kvm_amd, for vmx kvm_intel; `modprobe` loads one.",
    ],
    about="This machine's processor has the feature, but nothing in its kernel uses it yet.",
)

ok = lab.step(
    "ok",
    "Run kvm-ok",
    on="machine",
    run="kvm-ok\ncat /sys/module/kvm_*/parameters/nested | tr Y 1",
    check=printed("KVM acceleration can be used", "kvm-ok's consent"),
    wrong="kvm-ok | tr a-z A-Z",
    about="kvm-ok looks at the flags and at /dev/kvm. Whether this machine's guests could have "
    "guests themselves, it does not tell: that is the module's parameter `nested`.",
)

second = lab.step(
    "second",
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

compare = lab.step(
    "compare",
    "Compare it with plain emulation",
    on="machine",
    run="second-level kvm\nsecond-level tcg",
    check=checks.kvm_is_quicker,
    wrong="echo kvm: 2.0 s\necho tcg: 1.0 s",
    view=views.plot,
    volatile=_VOLATILE,
    timeout=300,
)


driver = lab.task(
    "driver",
    "Load VirtualBox's driver",
    on="machine",
    solution="modprobe vboxdrv",
    check=checks.driver_answers,
    undo="modprobe -r vboxdrv",
    hint=[
        "Ask `VBoxManage --version`: it warns, and says what is missing.",
        "The module for this kernel is there: `modinfo vboxdrv`. `modprobe` loads one.",
    ],
    about="VirtualBox has a driver of its own, vboxdrv, and shows it as /dev/vboxdrv. The image "
    "has it, built for this kernel; on your own computer the packages dkms and linux-headers do.",
)

made = lab.step(
    "made",
    "Create a machine with VBoxManage",
    on="machine",
    run=commands.MAKE,
    check=checks.is_registered,
    undo=f"VBoxManage unregistervm second --delete\nrm {commands.IMAGE}",
    timeout=300,
    about="16 MB of memory, and a floppy disk that boots: its boot sector is the guest of before, "
    "and has VirtualBox turn the power off at its end. Its serial port writes into a file.",
)

refused = lab.step(
    "refused",
    "Start it while KVM is loaded",
    on="machine",
    run="VBoxManage startvm second --type headless",
    check=printed("VERR_(SVM_IN_USE|VMX_IN_VMX_ROOT_MODE)", "the reason"),
    wrong="VBoxManage startvm nobody --type headless",
    exits=1,
    volatile=_REFUSAL,
    timeout=300,
    about="This kernel is older than 6.16: VirtualBox and KVM can't share its processor.",
)

freed = lab.task(
    "freed",
    "Free the processor for VirtualBox",
    on="machine",
    solution="modprobe -r kvm_amd kvm_intel",
    check=checks.processor_is_free,
    undo="modprobe kvm_amd 2>/dev/null || modprobe kvm_intel",
    hint=[
        "Since Linux 6.12 KVM takes the feature as soon as its module is loaded.",
        "`lsmod | grep kvm` says what is loaded, and `modprobe -r` unloads it.",
    ],
    about="The message speaks of another hypervisor. Which one is it, and since when?",
)

headless = lab.step(
    "headless",
    "Start it with VBoxHeadless",
    on="machine",
    run=commands.START,
    check=printed("hello from VirtualBox", "the guest's line"),
    wrong="echo nobody is here",
    volatile="^HMR3Init: (?P<feature>.*)$",
    timeout=300,
    about="A machine without a window: VBoxHeadless runs it, and ends when its power goes off. The "
    "last line is of VBox.log: what of the processor VirtualBox uses.",
)

screen = lab.step(
    "screen",
    "Reach its screen by VRDE",
    on="machine",
    run=commands.SHOW,
    check=eventually(checks.screen_answers, within=120),
    undo=commands.HIDE,
    timeout=300,
    about="VRDE shows a headless machine's screen on the network. Without its floppy disk the "
    "machine stays on: its BIOS waits for something to boot.",
)
