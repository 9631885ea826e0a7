"""Tests the import of a third-party module in a forked process first: an import may do anything.

An exception of an import can be caught.  A module that ends the whole process (`os._exit`, a crash
in a C library) can't, and a command that it ended with exit code 0 would look successful.
"""

import os
import signal
import sys
import threading
from importlib import import_module

from labkernel import linux

#: exit codes of the forked process: the import ended; it raised KeyboardInterrupt
_DONE, _INTERRUPT = 83, 84


def trial(module: str) -> str:
    """Test the import of a module; returns how it ends the process, a clause, or an empty text.

    There is no test if this process has threads, which a forked process has not: that is a
    notebook's kernel, and its parent process notices its end.
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
    """Import the module without input and output; never returns."""
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
