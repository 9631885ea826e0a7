#!/bin/bash
# Runs a program of VirtualBox in the root that root.py has made; as root of namespaces of its own.
#
# Arguments: the root, a directory that is at the same path inside, what the program's server is
# called, and the program with its arguments; environment: ROOM, the size of a small disk on full/.  There is no /dev/vboxdrv, whatever the machine has.
set -euo pipefail
root=$1 shared=$2 server=$3
shift 3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/shm"
for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mount --rbind /proc "$root/proc"
mkdir -p "$shared/tmp"
mount --bind "$shared/tmp" "$root/tmp"
mkdir -p "$root$shared"
mount --bind "$shared" "$root$shared"
if [[ $ROOM ]]; then mount -t tmpfs -o "size=$ROOM" tmpfs "$root$shared/full"; fi
exec env -i PATH="$PATH" LC_ALL=C.UTF-8 LOGNAME=root USER=root HOME="$shared/home" \
    VBOX_USER_HOME="$shared/home/config" VBOX_IPC_SOCKETID="$server" chroot "$root" "$@"
