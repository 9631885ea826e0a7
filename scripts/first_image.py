"""Builds the image that the course's first lab needs, while .venv is made.

It needs the standard library alone, and runs by the Python that .venv is made from.

It says nothing: what it can't build, `labkernel open` and `labkernel image build` try again, with
progress, and say why.
"""

import signal
import sys
from pathlib import Path


def main() -> int:
    """Build it, if it is missing; 1 if it can't be built."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from labkernel import images, linux
    from labkernel.errors import LabError
    from labkernel.images import mirror

    # its end is the end of what builds; Ctrl-C comes to scripts/setup
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    linux.die_with_parent(signal.SIGTERM)
    try:
        # apt would try again and again, for minutes, where nobody answers
        if not images.missing_tools() and mirror.answers(5.0):
            images.build("base", in_advance=True)
    except LabError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
