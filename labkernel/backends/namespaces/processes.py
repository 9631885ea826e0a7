"""Reads the state of a process from /proc/PID/stat, see proc_pid_stat(5).

Standard library alone: see supervisor.py.
"""

# counted from the state, which comes after the program's name
_STATE, _STARTED = 0, 19


def start_time(pid: int) -> int:
    """The start time of a process, in the kernel's ticks; 0 if there is no such process."""
    found = fields(pid)
    return int(found[_STARTED]) if found else 0


def stands_still(pid: int) -> bool:
    """Check if a process is stopped, as by SIGSTOP or a debugger."""
    found = fields(pid)
    return bool(found) and found[_STATE] in (b"T", b"t")


def fields(pid: int | str) -> list[bytes]:
    """The fields of a process, from its state on; empty if there is none or it has just ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
