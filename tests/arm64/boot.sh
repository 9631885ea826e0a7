#!/bin/bash
# boot.sh ROOT FOLDER: QEMU, from the Debian in ROOT, boots FOLDER's disk with FOLDER's kernel.  In mount
# and PID namespaces of its own.
set -euo pipefail
root=$1
mount --bind "$root" "$root"
mount -t tmpfs tmpfs "$root/mnt"
mkdir "$root/mnt/machine"
mount --bind "$2" "$root/mnt/machine"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
touch "$root/etc/resolv.conf"
mount --bind -o ro "$(realpath /etc/resolv.conf)" "$root/etc/resolv.conf"
exec chroot "$root" qemu-system-aarch64 -nodefaults -no-user-config -display none -serial stdio -no-reboot \
    -machine virt -cpu max,pauth-impdef=on -smp 2 -m 2G \
    -kernel /mnt/machine/vmlinuz -initrd /mnt/machine/initrd.img \
    -append "console=ttyAMA0 quiet root=/dev/vda rw init=/opt/init.sh panic=-1 net.ifnames=0" \
    -drive file=/mnt/machine/disk,if=virtio,format=raw,cache=unsafe \
    -netdev user,id=net -device virtio-net-pci,netdev=net,romfile=
