"""Processes of ours that must be interrupted, and end with us, on each system in its own way."""

import os
import signal
import subprocess
import sys
from typing import Any

from labkernel import linux


def labkernel(*words: str) -> list[str]:
    """The words that run a command of labkernel's in a process of this Python."""
    code = "import sys; from labkernel.cli import main; sys.exit(main())"
    return [sys.executable, "-P", "-c", code, *words]


def apart() -> dict[str, Any]:
    """Options of ``Popen`` for a process to which Ctrl-C does not come by itself."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def interrupt(process: "subprocess.Popen[str]") -> None:
    """Interrupt a process that was started apart: Ctrl-C in one that has done :func:`listen`."""
    if sys.platform == "win32":
        # Ctrl-C can't be sent to a group of processes, Ctrl-Break can
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def listen() -> None:
    """Take what ends this process from outside as Ctrl-C: with a last chance to tidy up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if sys.platform != "win32":  # who has started it may have had other threads hear them
        handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, signal.default_int_handler)


def end_with(parent: int) -> None:
    """Be ended when the process that waits for this one ends; Linux alone can.

    :raises SystemExit: it has ended already.
    """
    if sys.platform == "linux":
        linux.die_with_parent(signal.SIGTERM)
        if os.getppid() != parent:
            raise SystemExit(1)
