"""An OSD's device: the disk that a VM has for it, else a sparse file.

Two programs are given to the nodes in /usr/local/sbin: empty-disk finds the disk, and forget-osd
has nothing left of an OSD.
"""

from labkernel.labs._ceph.configuration import stop

_PATH = "/usr/local/sbin"

# A node without a kernel of its own sees in /sys the disks of its host, and has none of their
# devices. What was wiped a moment ago udev may not know yet: it is the disk that is asked.
PROGRAM = r"""#!/bin/sh
# empty-disk: print a disk of this machine with nothing on it, no partition and no label;
# exit code 1 if there is none
for disk in $(lsblk --nodeps --noheadings --paths --output NAME --exclude 7,11); do
    if [ -b "$disk" ] && found=$(wipefs "$disk") && [ -z "$found" ]; then
        echo "$disk"
        exit
    fi
done
exit 1
"""

# a block that is a file is only to be removed
FORGET = f"""#!/bin/sh
# forget-osd NUMBER: end the OSD of this node, and have nothing left of it, here and in the cluster
place=/var/lib/ceph/osd/ceph-$1
{stop("ceph-osd")}
ceph osd down osd.$1 > /dev/null 2>&1
ceph osd purge $1 --force --yes-i-really-mean-it > /dev/null 2>&1
[ -b $place/block ] && wipefs --quiet --all $place/block && blkdiscard $place/block
rm -rf $place
"""

GIVE = f"""\
cd {_PATH}
cat > empty-disk <<'END'
{PROGRAM}END
cat > forget-osd <<'END'
{FORGET}END
chmod +x empty-disk forget-osd"""

#: in an OSD's directory: a link to the disk, or a file of its size
BLOCK = "if disk=$(empty-disk); then ln -s $disk block; else truncate -s 10G block; fi"
