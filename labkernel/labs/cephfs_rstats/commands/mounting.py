"""Commands: pools, metadata servers, a client's key, a mount."""

from labkernel.labs._ceph.configuration import stop

FS, META, DATA = "lab", "lab.meta", "lab.data"
MOUNT = "/mnt/cephfs"
CLIENT = "client.lab"
KEYRING = f"/etc/ceph/ceph.{CLIENT}.keyring"

#: for a file system that reacts within a second, on top of the tiny cluster's settings
SETTINGS = """\
# metadata servers: signs of life, and when one is given up, also in a cluster that is a minute old;
# how long its successor waits for clients that are gone; figures of directories at once; a short
# journal; a client that was too slow for all that may come back
mds_log_max_segments = 16
mds_beacon_interval = 1
mds_beacon_grace = 8
mds_beacon_mon_down_grace = 8
mds_reconnect_timeout = 10
mds_tick_interval = 0.1
mds_dirstat_min_interval = 0
mds_session_blocklist_on_timeout = false
client_reconnect_stale = true"""

MAKE = f"""\
ceph osd pool create {META} 8
ceph osd pool create {DATA} 16
ceph fs new {FS} {META} {DATA}"""
REMOVE = f"""\
ceph fs fail {FS}
ceph fs rm {FS} --yes-i-really-mean-it
for pool in {META} {DATA}; do ceph osd pool rm $pool $pool --yes-i-really-really-mean-it; done"""


def start_server(name: str) -> str:
    """Make a metadata server's key, and start it; in place of what is there of it."""
    return f"""\
{stop("ceph-mds")}
ceph auth rm mds.{name}
mkdir -p /var/lib/ceph/mds/ceph-{name}
ceph auth get-or-create mds.{name} mon 'profile mds' mgr 'profile mds' \\
  osd 'allow rw tag cephfs *=*' mds 'allow' -o /var/lib/ceph/mds/ceph-{name}/keyring
ceph-mds -i {name}"""


def remove_server(name: str) -> str:
    """End a metadata server, and have nothing left of it."""
    return f"""\
{stop("ceph-mds")}
ceph auth rm mds.{name}
rm -rf /var/lib/ceph/mds/ceph-{name}"""


WANT_STANDBY = f"ceph fs set {FS} standby_count_wanted 1"

AUTHORIZE = f"""\
ceph auth rm {CLIENT}
ceph fs authorize {FS} {CLIENT} / rwps > {KEYRING}"""
FORBID = f"ceph auth rm {CLIENT}\nrm -f {KEYRING}"

MOUNT_IT = f"""\
mkdir -p {MOUNT}
ceph-fuse --id lab {MOUNT} 2> /dev/null
findmnt {MOUNT}"""
UNMOUNT = f"umount --lazy {MOUNT}"
