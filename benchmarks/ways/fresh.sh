#!/bin/bash
# fresh.sh ROOT COMMAND…: run a command in a Debian of its own, with this machine's network.  Called
# in mount and PID namespaces of its own: when it ends, nothing of it runs and nothing stays mounted.
set -euo pipefail
root=$1
shift
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/etc/ssl/certs" && mount --rbind -o ro /etc/ssl/certs "$root/etc/ssl/certs"
cd "$root"
mkdir -p .old
pivot_root . .old # in a chroot the kernel makes no user namespaces
cd /
umount -l /.old
exec "$@"
