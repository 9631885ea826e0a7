"""Commands: quotas of a directory."""

from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

LIMIT_BYTES, LIMIT_FILES = 32 << 20, 10
QUOTA = f"""\
setfattr -n ceph.quota.max_bytes -v {LIMIT_BYTES} {MOUNT}/home/ann
setfattr -n ceph.quota.max_files -v {LIMIT_FILES} {MOUNT}/home/ann"""
NO_QUOTA = f"""\
setfattr -n ceph.quota.max_bytes -v 0 {MOUNT}/home/ann
setfattr -n ceph.quota.max_files -v 0 {MOUNT}/home/ann"""

EXCEED = f"head -c 64M /dev/zero > {MOUNT}/home/ann/more"
