#!/bin/bash
# debian.sh ROOT: what the container's Debian has beyond its packages: an ordinary user, and a
# newuidmap that works without SYS_ADMIN.  Environment: DEBIAN (the mirror that it is told of), SUITE.
set -euo pipefail
root=$1
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8

# Of this machine: its devices (only root gets them), its name, its resolver, its mirror.
rm -rf "$root"/dev/* "$root"/etc/{hostname,resolv.conf}
: >"$root/etc/resolv.conf"
echo "deb $DEBIAN $SUITE main" >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap

chroot "$root" useradd --uid 1000 --user-group --create-home --shell /bin/bash trainee
# All that an engine may give: ids beyond those of users where they are there; in the 65,536 of a
# rootless engine's container, or of a pod, all but root's. labkernel takes those that exist.
for file in subuid subgid; do
    printf 'trainee:%s\n' 100000:65536 1:999 1001:64536 >"$root/etc/$file"
done
# setuid root, they would need SYS_ADMIN in the container: see newuidmap(1)
chmod u-s "$root"/usr/bin/new{uid,gid}map
chroot "$root" setcap cap_setuid=ep /usr/bin/newuidmap
chroot "$root" setcap cap_setgid=ep /usr/bin/newgidmap

# volumes have the owners of what they cover
install -d -m 700 -o 1000 -g 1000 "$root/cache" "$root/run/user/1000" \
    "$root/home/trainee/labkernel-course"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/*-old \
    "$root"/var/lib/dpkg/*-old "$root"/var/cache/ldconfig/aux-cache \
    "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}-
find "$root/var/log" -type f -delete
: >"$root/etc/machine-id"
