"""The commands of the steps: VirtualBox's machine in the machine."""

HOME = "/root"
IMAGE, SERIAL = f"{HOME}/second.img", f"{HOME}/second.txt"
_FLOPPY = "VBoxManage storageattach second --storagectl floppy --port 0 --device 0 --type fdd"
PORT = 5900

MAKE = f"""\
second-floppy {IMAGE}
VBoxManage createvm --name second --ostype Other --register
VBoxManage modifyvm second --memory 16 --nic1 none --uart1 0x3F8 4 --uart-mode1 file {SERIAL}
VBoxManage storagectl second --name floppy --add floppy
{_FLOPPY} --medium {IMAGE}"""

START = f"""\
VBoxHeadless --startvm second > {HOME}/second.log 2>&1
cat {SERIAL}
grep -o 'HMR3Init: .*' '{HOME}/VirtualBox VMs/second/Logs/VBox.log'"""

SHOW = f"""\
VBoxManage list extpacks | grep -E '^(Pack|Description|Usable)'
VBoxManage setproperty vrdeextpack VNC
{_FLOPPY} --medium emptydrive
VBoxManage modifyvm second --vrde on --vrde-address 127.0.0.1 --vrde-port {PORT}
VBoxManage startvm second --type headless"""

HIDE = f"""\
pid=$(pgrep -x VBoxHeadless) && VBoxManage controlvm second poweroff
[ -z "$pid" ] || tail --pid=$pid -s 0.05 -f /dev/null
VBoxManage modifyvm second --vrde off
{_FLOPPY} --medium {IMAGE}"""
