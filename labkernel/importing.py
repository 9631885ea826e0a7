"""Tries out what others have written before it is imported: that may do anything.

What an import raises can be caught.  What ends the whole process (`os._exit`, a fault in a library
of C) can't, and a command that it ended with 0 and without a word would pass for one that has done
its work.  So it is imported by a copy of this process first.
"""

import os
import signal
import sys
import threading
from importlib import import_module

from labkernel import linux

#: how the copy tells that the import came to its end, and that it raised what only Ctrl-C raises
_DONE, _INTERRUPT = 83, 84


def trial(module: str) -> str:
    """What the import of a module does that can't be caught, a clause; empty if nothing.

    It is not tried where this process has threads, which a copy has not: a notebook's kernel, whose
    end is seen by who has started it.
    """
    if sys.platform != "linux" or module in sys.modules or threading.active_count() > 1:
        return ""
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _import(module, parent)
    try:
        _, status = os.waitpid(pid, 0)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    code = os.waitstatus_to_exitcode(status)
    if code == _INTERRUPT:
        return "it raises KeyboardInterrupt"
    how = f"exit code {code}" if code >= 0 else f"killed by signal {-code}"
    return "" if code == _DONE else f"it ends the process that imports it ({how})"


def _import(module: str, parent: int) -> None:
    """Import it, unseen and unheard; never returns."""
    code = 1
    try:
        linux.die_with_parent(signal.SIGKILL)
        if os.getppid() != parent:  # that had ended before
            os._exit(code)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if callable(signal.getsignal(number)):  # what was ignored stays so
                signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        import_module(module)
        code = _DONE
    except KeyboardInterrupt:
        code = _INTERRUPT  # a signal would have killed this process
    except BaseException:  # raised again by the import proper
        code = _DONE
    finally:
        os._exit(code)
