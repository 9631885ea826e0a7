"""Commands: files in three homes, and the statistics of directories."""

from labkernel.labs.cephfs_rstats.commands.mounting import FS, MOUNT

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
