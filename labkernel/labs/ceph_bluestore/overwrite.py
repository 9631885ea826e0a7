"""The program that makes a disk forget: given to charlie as /usr/local/sbin/overwrite."""

PATH = "/usr/local/sbin/overwrite"

# grep and sed would take the 10 GiB of a sparse file for one long line
PROGRAM = r'''#!/usr/bin/python3
"""overwrite FILE OLD NEW: wherever a sparse file has OLD, put NEW, which is as long."""

import os
import sys

path, old, new = sys.argv[1], os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3])
if len(old) != len(new):
    sys.exit("the new text must be as long as the old one")
disk = os.open(path, os.O_RDWR)
size, end, places = os.fstat(disk).st_size, 0, []
while end < size:
    try:
        start = os.lseek(disk, end, os.SEEK_DATA)
    except OSError:  # ENXIO: nothing but a hole up to the end
        break
    end = os.lseek(disk, start, os.SEEK_HOLE)
    data, place = os.pread(disk, end - start, start), -1
    while (place := data.find(old, place + 1)) >= 0:
        places.append(start + place)
for place in places:
    os.pwrite(disk, new, place)
print("replaced" if places else "not found")
sys.exit(not places)
'''

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"
