"""Mistakes and other right answers of `steps.hottest`."""

from labkernel import Mistake
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
