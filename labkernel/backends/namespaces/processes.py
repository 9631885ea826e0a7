"""What the kernel says of a process to everybody, see proc_pid_stat(5).

Standard library alone: see supervisor.py.
"""

# counted from the state, which comes after the program's name
_STATE, _STARTED = 0, 19


def start_time(pid: int) -> int:
    """When a process was started, in the kernel's ticks; 0 if there is none."""
    found = fields(pid)
    return int(found[_STARTED]) if found else 0


def stands_still(pid: int) -> bool:
    """Whether a process was stopped, as by SIGSTOP or a debugger."""
    found = fields(pid)
    return bool(found) and found[_STATE] in (b"T", b"t")


def fields(pid: int | str) -> list[bytes]:
    """Its fields, from its state on; none if there is no such process, or it has just ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
