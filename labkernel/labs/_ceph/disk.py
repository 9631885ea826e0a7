"""Where an OSD's data are: on the disk that a VM has for it, else in a sparse file.

A program that finds the disk is given to the nodes as /usr/local/sbin/empty-disk.
"""

PATH = "/usr/local/sbin/empty-disk"

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

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"

#: in an OSD's directory: a link to the disk, or a file of its size
BLOCK = "if disk=$(empty-disk); then ln -s $disk block; else truncate -s 10G block; fi"


def wiped(block: str) -> str:
    """The command that leaves nothing on the disk of an OSD; a file is only to be removed."""
    return f"[ -b {block} ] && wipefs --quiet --all {block} && blkdiscard {block}"
