"""The commands of the steps."""

from labkernel.labs._ceph.configuration import stop

FS, META, DATA = "lab", "lab.meta", "lab.data"
MOUNT = "/mnt/cephfs"
CLIENT = "client.lab"
KEYRING = f"/etc/ceph/ceph.{CLIENT}.keyring"

#: for a file system that shall react within a second, on top of the tiny cluster's settings
SETTINGS = """\
# metadata servers: signs of life, and when one is given up, also in a cluster that is a minute old;
# figures of directories at once; a short journal
mds_log_max_segments = 16
mds_beacon_interval = 1
mds_beacon_grace = 4
mds_beacon_mon_down_grace = 4
mds_tick_interval = 0.1
mds_dirstat_min_interval = 0"""

MAKE = f"""\
ceph osd pool create {META} 8
ceph osd pool create {DATA} 16
ceph fs new {FS} {META} {DATA}"""
REMOVE = f"""\
ceph fs fail {FS}
ceph fs rm {FS} --yes-i-really-mean-it
for pool in {META} {DATA}; do ceph osd pool rm $pool $pool --yes-i-really-really-mean-it; done"""


def serve(name: str) -> str:
    """Make a metadata server's key, and start it; in place of what is there of it."""
    return f"""\
{stop("ceph-mds")}
ceph auth rm mds.{name}
mkdir -p /var/lib/ceph/mds/ceph-{name}
ceph auth get-or-create mds.{name} mon 'profile mds' mgr 'profile mds' \\
  osd 'allow rw tag cephfs *=*' mds 'allow' -o /var/lib/ceph/mds/ceph-{name}/keyring
ceph-mds -i {name}"""


def retire(name: str) -> str:
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

FILL = f"""\
cd {MOUNT}
mkdir -p home/ann home/bob home/carol/thesis
write() {{ head -c $1 /dev/urandom | dd of=$2 bs=1M iflag=fullblock conv=fsync status=none; }}
write 24M home/ann/film
write 6M home/bob/song
write 1M home/carol/thesis/draft"""

ATTRIBUTES = ("entries", "files", "subdirs", "rentries", "rfiles", "rsubdirs", "rbytes", "rctime")

NAMES = f"""\
cd {MOUNT}
getfattr -d -m 'ceph.dir.*' home
echo 'each by name:'
for name in {" ".join(ATTRIBUTES)}; do
  echo $name $(getfattr --only-values -n ceph.dir.$name home)
done"""

WITHOUT = """\
python3 <<'END'
import cephfs
fs = cephfs.LibCephFS(conffile="/etc/ceph/ceph.conf", auth_id="lab")
fs.mount()
for name in ("rbytes", "rfiles"):
    print(name, fs.getxattr("/home", f"ceph.dir.{name}").decode())
fs.shutdown()
END"""

TIB = 1 << 40
USUAL_LIMIT = TIB
SPARSE = f"""\
ceph fs set {FS} max_file_size {96 * TIB}
until truncate -s 80T {MOUNT}/home/bob/disk; do sleep 0.1; done"""
# to remove it, the metadata server would ask for 20 million objects that are not there
NO_SPARSE = f"""\
mv {MOUNT}/home/bob/disk {MOUNT}/disk-$RANDOM
ceph fs set {FS} max_file_size {USUAL_LIMIT}"""

COMPARE = f"""\
cd {MOUNT}
ls -alh --time-style=+ home
du -sh --apparent-size home
df -h --output=source,size,target ."""

LIMIT_BYTES, LIMIT_FILES = 32 << 20, 10
QUOTA = f"""\
setfattr -n ceph.quota.max_bytes -v {LIMIT_BYTES} {MOUNT}/home/ann
setfattr -n ceph.quota.max_files -v {LIMIT_FILES} {MOUNT}/home/ann"""
NO_QUOTA = f"""\
setfattr -n ceph.quota.max_bytes -v 0 {MOUNT}/home/ann
setfattr -n ceph.quota.max_files -v 0 {MOUNT}/home/ann"""

EXCEED = f"head -c 64M /dev/zero > {MOUNT}/home/ann/more"

LOSE = f"""\
cd {MOUNT}/home
rbytes() {{ getfattr --only-values -n ceph.dir.rbytes $1; }}
size() {{ du -s --apparent-size --block-size=1 $1 | cut -f 1; }}
rm -r carol/thesis
until [ $(rbytes carol) = 0 ]; do sleep 0.1; done
echo now: rbytes $(rbytes carol), du $(size carol)
echo on Monday: rbytes $(rbytes .snap/monday/carol), du $(size .snap/monday/carol)"""
RECOVER = f"""\
cp -r {MOUNT}/home/.snap/monday/carol/thesis {MOUNT}/home/carol/
sync {MOUNT}/home/carol/thesis/*"""

KILL = "pkill -9 -x ceph-mds"

DEPTH, FAN = 4, 6
DIRECTORIES = sum(FAN**level for level in range(1, DEPTH + 1))
GROW = f"make-tree directories /srv {DEPTH} {FAN}"

HOTTEST = """\
cat > /root/hottest <<'END'
#!/bin/bash
# from a directory down, each time into the one below which something has changed last
cd "$1"
shopt -s nullglob
while below=(*/) && [ ${#below[@]} -gt 0 ]; do
  newest=$(for each in "${below[@]}"; do
    echo "$(getfattr --only-values -n ceph.dir.rctime "$each" 2>/dev/null) $each"
  done | sort -n | tail -n 1)
  cd "${newest#* }"
done
pwd
END
chmod +x /root/hottest
/root/hottest /mnt/cephfs/srv"""


def wait_for_standby(name: str) -> str:
    """Repeat until a metadata server stands by."""
    return f"until {_STANDBYS} | grep -qx {name}; do sleep 0.2; done"


_STANDBYS = "ceph fs dump -f json 2> /dev/null | jq -r '.standbys[].name'"
NO_STANDBY = f"{KILL}\nwhile {_STANDBYS} | grep -q .; do sleep 0.2; done"
