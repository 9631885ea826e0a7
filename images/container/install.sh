#!/bin/bash
# install.sh ROOT UV LOCK WHEEL: makes /opt/labkernel in the container's root.  In a mount namespace of
# its own: what is lent by this machine (network, certificates, uv and its cache) is not in the root.
set -euo pipefail
root=$1
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
lent=$root/run/lent
cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/uv}

mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$lent/cache" "$cache"
cp "$2" "$lent/uv"
cp "$3" "$lent/requirements.lock"
cp "$4" "$lent/"
cp -L /etc/resolv.conf "$lent/resolv.conf"
mount --bind "$cache" "$lent/cache"
mount --bind "$lent/resolv.conf" "$root/etc/resolv.conf"
touch "$root/etc/hosts" && mount --bind /etc/hosts "$root/etc/hosts"
mount --rbind /etc/ssl/certs "$root/etc/ssl/certs"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"

index=${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}
# nobody changes these files, and byte code need not be compared with them
export PYC_INVALIDATION_MODE=UNCHECKED_HASH
export UV_CACHE_DIR=/run/lent/cache UV_LINK_MODE=copy UV_SYSTEM_CERTS=true UV_NO_PROGRESS=1
export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-${index:-https://pypi.org/simple}}
unset VIRTUAL_ENV PYTHONPATH PIP_FIND_LINKS

inside() { chroot "$root" "$@"; }
uv() { inside /run/lent/uv pip "$@" --quiet --python /opt/labkernel/bin/python --compile-bytecode; }

inside /run/lent/uv venv --quiet --python /usr/bin/python3 /opt/labkernel
uv sync --require-hashes /run/lent/requirements.lock
uv install --no-deps --offline "/run/lent/$(basename "$4")"
