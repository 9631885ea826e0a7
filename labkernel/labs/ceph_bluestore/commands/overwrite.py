"""The program that damages a disk: given to charlie as /usr/local/sbin/overwrite."""

PATH = "/usr/local/sbin/overwrite"

# grep and sed would take the 10 GiB of a sparse file for one long line, and of a device nobody but
# the OSD knows what of it is in use
PROGRAM = r'''#!/usr/bin/python3
"""overwrite BLOCK OLD NEW: wherever an OSD's disk has OLD, put NEW, which is as long."""

import json
import os
import stat
import subprocess
import sys


def written(disk):
    """Of a sparse file: each stretch that is no hole."""
    size, end = os.fstat(disk).st_size, 0
    while end < size:
        try:
            start = os.lseek(disk, end, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole up to the end
            return
        end = os.lseek(disk, start, os.SEEK_HOLE)
        yield start, end


def in_use(disk, path):
    """Of a device: each stretch that its OSD does not call free."""
    with open(os.path.join(os.path.dirname(path), "whoami")) as file:
        osd = "osd." + file.read().strip()
    words = ["ceph", "daemon", osd, "bluestore", "allocator", "dump", "block"]
    free = json.loads(subprocess.check_output(words))["extents"]
    end = 0
    for start, length in sorted([int(f["offset"], 16), int(f["length"], 16)] for f in free):
        if start > end:
            yield end, start
        end = start + length
    if (size := os.lseek(disk, 0, os.SEEK_END)) > end:
        yield end, size


path, old, new = sys.argv[1], os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3])
if len(old) != len(new):
    sys.exit("the new text must be as long as the old one")
disk = os.open(path, os.O_RDWR)
device, places = stat.S_ISBLK(os.fstat(disk).st_mode), []
for start, end in in_use(disk, path) if device else written(disk):
    data, place = os.pread(disk, end - start, start), -1
    while (place := data.find(old, place + 1)) >= 0:
        places.append(start + place)
for place in places:
    os.pwrite(disk, new, place)
os.fsync(disk)
print("replaced" if places else "not found")
sys.exit(not places)
'''

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"
