"""``python binfmt.py INTERPRETER COMMAND …``: run a command of arm64, as root.

In a user namespace with all of the machine's ids, whose own binfmt_misc (Linux 6.7) has QEMU run
programs for arm64: for processes of the machine nothing changes.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labkernel import linux

_FORMATS = "/proc/sys/fs/binfmt_misc"
# ELF, 64 bits, little-endian, a program or a shared object, EM_AARCH64; any ABI and version of it
_MAGIC = r"\x7fELF\x02\x01\x01" + r"\x00" * 9 + r"\x02\x00\xb7\x00"
_MASK = r"\xff" * 7 + r"\x00" + r"\xff" * 8 + r"\xfe\xff\xff\xff"
_ALL = "0 0 4294967295"


def main(interpreter: str, command: list[str]) -> int:
    """Run it; its exit code."""
    alone, mapped = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(alone, mapped, interpreter, command)
    os.close(alone[1])
    os.read(alone[0], 1)
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{pid}/{name}").write_text(_ALL)
    os.write(mapped[1], b"\n")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(
    alone: tuple[int, int], mapped: tuple[int, int], interpreter: str, command: list[str]
) -> None:
    linux.die_with_parent()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
    os.write(alone[1], b"\n")
    os.read(mapped[0], 1)
    linux.mount("binfmt_misc", _FORMATS, "binfmt_misc")
    # F: the interpreter is opened now, so that it is found from any root
    Path(_FORMATS, "register").write_text(f":arm64:M::{_MAGIC}:{_MASK}:{interpreter}:F")
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
