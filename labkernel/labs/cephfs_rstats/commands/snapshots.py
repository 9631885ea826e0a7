"""Commands: a directory that is removed and restored."""

from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

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
