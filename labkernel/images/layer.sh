#!/bin/bash
# Makes one layer.  Runs as root of namespaces of its own (user, mount, pid), in the cache's
# directory; building.py starts it, and when that ends, so does everything here.
#
# Environment: RECIPE (its directory), LAYER (what to make; relative), LOWER (the parents' layers
# for lowerdir=; relative; empty if none), SUITE, COMPONENTS (of it), MIRROR, DEBIAN (the mirror that the image is told
# of), EXPIRED (lists may be older than they allow), KEYRING, PACKAGES, PYTHON, HELPERS (this directory).
# Standard output: "step:NAME", "bootstrap:TEXT", and apt's own status lines.  Standard error: log.
set -euo pipefail
exec 3>&1 1>&2

umask 022
mkdir "$LAYER"/{root,merged,work,tmp}
root=$LAYER/merged
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=$PWD/$LAYER/tmp
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
unset LANGUAGE

step() { echo "step:$1" | tee /dev/fd/3; }

bootstrap() {
    local without=() path
    for path in doc man info locale lintian bug; do
        without+=("--dpkgopt=path-exclude=/usr/share/$path/*")
    done
    [[ ! $EXPIRED ]] || without+=(--aptopt='Acquire::Check-Valid-Until "false"')
    mmdebstrap --mode=root --format=directory --variant=minbase --verbose "${without[@]}" \
        --skip=cleanup/apt/lists --keyring="$KEYRING" "$SUITE" "$LAYER/root" "$MIRROR" 2>&1 |
        tee >(sed -un 's/^I: /bootstrap:/p' >&3)
    # Of this machine: its devices (only root gets them), its name, its resolver, its mirror.
    rm -rf "$LAYER"/root/dev/* "$LAYER"/root/etc/{hostname,resolv.conf}
    : >"$LAYER/root/etc/resolv.conf"
    echo "deb $DEBIAN $SUITE main" >"$LAYER/root/etc/apt/sources.list"
}

mount_root() {
    if [[ $LOWER ]]; then
        mount -t overlay labkernel -o "userxattr,lowerdir=$LOWER,upperdir=$LAYER/root,workdir=$LAYER/work" "$root"
    else
        mount --bind "$LAYER/root" "$root"
    fi
    mount -t proc proc "$root/proc"
    local path
    for path in dev run tmp; do mount -t tmpfs -o mode=755 tmpfs "$root/$path"; done
    chmod 1777 "$root/tmp"
    for path in null zero full random urandom tty; do
        touch "$root/dev/$path"
        mount --bind "/dev/$path" "$root/dev/$path"
    done
    ln -s /proc/self/fd "$root/dev/fd"
}

# What only the build needs is in /run, which the layer does not have.
lend_network() {
    mkdir "$root/run/labkernel"
    cp -L /etc/resolv.conf "$root/run/labkernel/"
    mount --bind "$root/run/labkernel/resolv.conf" "$root/etc/resolv.conf"
    echo "deb $MIRROR $SUITE $COMPONENTS" >"$root/run/labkernel/sources.list"
    cat >"$root/run/labkernel/apt.conf" <<-END
		Dir::Etc::SourceList "/run/labkernel/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		APT::Status-Fd "3";
		APT::Keep-Fds { "3"; };
		APT::Install-Recommends "false";
		APT::Update::Error-Mode "any";
		Acquire::Retries "3";
		Dpkg::Use-Pty "false";
		Dpkg::Options { "--force-unsafe-io"; "--force-confold"; };
	END
    apt-config dump Acquire::{http,https}::Proxy Acquire::Check-Valid-Until >>"$root/run/labkernel/apt.conf"
    [[ ! $EXPIRED ]] || echo 'Acquire::Check-Valid-Until "false";' >>"$root/run/labkernel/apt.conf"
    [[ ! -e /etc/ssl/certs/ca-certificates.crt ]] || {
        cp -L /etc/ssl/certs/ca-certificates.crt "$root/run/labkernel/"
        echo 'Acquire::https::CaInfo "/run/labkernel/ca-certificates.crt";' >>"$root/run/labkernel/apt.conf"
    }
}

inside() { APT_CONFIG=/run/labkernel/apt.conf chroot "$root" env -u TMPDIR "$@"; }

install_packages() {
    # policy-rc.d (Debian Policy, 9.3.3): no package starts its service.
    mkdir -p "$root/usr/sbin"
    install -m 755 /dev/stdin "$root/usr/sbin/policy-rc.d" <<<$'#!/bin/sh\n# the steps of a lab start its services\nexit 101'
    # what a boot makes in /run for the packages below: those above may count on it
    [[ ! -x $root/usr/bin/systemd-tmpfiles ]] || inside systemd-tmpfiles --create --prefix=/run
    # shellcheck disable=SC2086  # names of packages
    inside apt-get install --yes $PACKAGES
}

copy_files() {
    # As git keeps them: whether a file can be executed, and nothing of the checkout's umask.
    tar -C "$RECIPE/files" --exclude=.gitkeep --exclude=__pycache__ --mode=u=rwX,go=rX --owner=0 --group=0 -c . |
        tar -C "$root" -x --no-overwrite-dir --keep-directory-symlink
}

run_setup() {
    cp "$RECIPE/setup" "$root/run/labkernel/setup"
    inside bash -euo pipefail /run/labkernel/setup
}

# What differs from build to build, or is of no use in a node.
clean() {
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/{*.deb,partial/*,lock} "$root"/var/cache/ldconfig/aux-cache \
        "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}- \
        "$root"/var/lib/systemd/catalog/database "$root"/root/.cache
    find "$root/var/log" -type f -delete
    [[ ! -s $root/etc/machine-id ]] || : >"$root/etc/machine-id"
}

settle() { # see opaque.py
    # overlayfs wants two layers: the last stands for nothing
    mount -t overlay labkernel -o "userxattr,lowerdir=$LOWER:$LAYER/tmp" "$root"
    "$PYTHON" -I -S "$HELPERS/opaque.py" "$LAYER/root" "$root"
    umount "$root"
}

finish() {
    # shellcheck disable=SC2016  # dpkg's own variables
    inside dpkg-query -W -f '${Package} ${Version}\n' >"$LAYER/packages"
    umount -R "$root"
    [[ ! $LOWER ]] || settle
    rm -rf "$LAYER"/{merged,work,tmp}
    sync -f "$LAYER"
}

if [[ ! $LOWER ]]; then
    step bootstrap
    bootstrap
fi
step prepare
mount_root
lend_network
if [[ $PACKAGES ]]; then
    step update
    inside apt-get update
    step install
    install_packages
fi
step finish
[[ ! -d $RECIPE/files ]] || copy_files
[[ ! -e $RECIPE/setup ]] || run_setup
clean
finish
