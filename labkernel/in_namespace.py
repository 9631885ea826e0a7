"""``python -I -S in_namespace.py -- COMMAND …``: see :func:`labkernel.user_namespace.command`."""

import os
import sys

# `python -I` leaves this file's folder and the working directory off the path
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from labkernel import linux, user_namespace


def main(arguments: list[str]) -> int:
    """Execute the command; returns 2 for wrong use, 3 if this machine can't run it."""
    if not arguments or arguments[0] != "--" or len(arguments) == 1:
        print("usage: in_namespace.py -- COMMAND …", file=sys.stderr)
        return 2
    try:
        linux.die_with_parent()
        user_namespace.enter(linux.CLONE_NEWNS)
        linux.make_mounts_private()
        os.execvp(arguments[1], arguments[1:])
    except OSError as error:
        print(f"labkernel: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
