#!/bin/bash
# Fills an ext4 file system inside a disk with an image's layers, merged.  Runs as root of
# namespaces of its own, in the cache's directory; disk.py starts it.
#
# Arguments: the disk, where the file system begins (bytes), its size (KiB), and the layers for
# lowerdir= (relative).
set -euo pipefail
disk=$1 offset=$2 size=$3 lower=$4
# covered here alone: nothing of this is needed, and there is no directory that a kill could leave
mounts=/sys
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8

mount -t tmpfs tmpfs "$mounts"
mkdir "$mounts/empty" "$mounts/merged"
# overlayfs wants two layers: the last stands for nothing
mount -t overlay labkernel -o "userxattr,lowerdir=$lower:$mounts/empty" "$mounts/merged"
mke2fs -q -F -t ext4 -L labkernel -m 0 -E "offset=$offset,root_owner=0:0,nodiscard" \
    -d "$mounts/merged" "$disk" "${size}k"
