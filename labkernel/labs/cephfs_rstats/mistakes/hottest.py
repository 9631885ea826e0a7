"""Mistakes and other right answers of `steps.hottest`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.hottest import PROGRAM

_ANYWHERE = f"printf '#!/bin/sh\\necho $1/0/0/0/0\\n' > {PROGRAM}; chmod +x {PROGRAM}"

_WALKS = f"""\
cat > {PROGRAM} <<'END'
#!/bin/sh
dirname "$(find "$1" -type f -printf '%T@ %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)"
END
chmod +x {PROGRAM}"""

MISTAKES = {
    rstats.hot: [
        Mistake("true", says="there is no such program"),
        Mistake(
            _ANYWHERE, says="rctime is the latest change below a directory", fix=f"rm {PROGRAM}"
        ),
        Mistake(_WALKS, says="It walks the tree", fix=f"rm {PROGRAM}"),
    ],
}

_IN_PYTHON = f"""\
cat > {PROGRAM} <<'END'
#!/usr/bin/python3
import os, sys

def changed(path):
    return float(os.getxattr(path, "ceph.dir.rctime"))

place = sys.argv[1]
while below := [each.path for each in os.scandir(place) if each.is_dir()]:
    place = max(below, key=changed)
print(place)
END
chmod +x {PROGRAM}"""
_RECURSIVE = f"""\
cat > {PROGRAM} <<'END'
#!/bin/sh
newest=$(for each in "$1"/*/; do
  [ -d "$each" ] && echo "$(getfattr --only-values -n ceph.dir.rctime "$each" 2>/dev/null) $each"
done | sort -n | tail -n 1 | cut -d ' ' -f 2)
[ -z "$newest" ] && echo "$1" || exec "$0" "${{newest%/}}"
END
chmod +x {PROGRAM}"""

ALSO_RIGHT = {rstats.hot: [Right(_IN_PYTHON), Right(_RECURSIVE)]}
