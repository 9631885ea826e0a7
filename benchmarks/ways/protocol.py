"""The conversation between a benchmark and the process of one way: words on lines.

The process says ``ready``; to ``up`` and ``down`` it answers the same word once that is done.
Standard library alone: each way runs it with the Python that it is installed for.
"""

import os
import sys
from collections.abc import Callable


def serve(up: Callable[[], None], down: Callable[[], None]) -> None:
    """Answer until standard input ends; whatever the way prints itself goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print("ready", file=answers)
    actions = {"up": up, "down": down}
    for line in sys.stdin:
        actions[line.strip()]()
        print(line.strip(), file=answers)
