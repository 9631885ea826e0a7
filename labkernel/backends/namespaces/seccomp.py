"""The system calls that are refused in every lab: those for resources of a user, not of a
namespace, and parts of the kernel that no lab uses.  DECISIONS.md has the reasons; see seccomp(2).

Root of a user namespace can install a filter without no_new_privs, so that setuid programs still
work.  Standard library alone: see supervisor.py.
"""

import ctypes
import errno
import os
import struct
import sys

from labkernel import linux, refusals

_SET_MODE_FILTER = 1
# without it, kernels before 5.16 slow every program down that has a filter
_SPEC_ALLOW = 4
# linux/filter.h: code, jump if true, jump if false, value
_INSTRUCTION = struct.Struct("=HBBI")
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
# struct seccomp_data
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

# calls of a program of x32, whose numbers begin here, are as good as never enabled
_X32 = 0x40000000
#: 38 AF_ALG, 40 AF_VSOCK, 42 AF_QIPCRTR: the machine's own, and in no network namespace
_FAMILIES = (38, 40, 42)
_NEWCGROUP = linux.CLONE_NEWCGROUP

#: by what a program gets that calls them.  Without keyrings, io_uring or clone3 (whose flags a
#: filter can't see) programs do as on a kernel that lacks them.
_REFUSED = {
    errno.ENOSYS: (
        "add_key", "request_key", "keyctl",
        "io_uring_setup", "io_uring_enter", "io_uring_register", "clone3", "socketcall",
    ),
    errno.EPERM: ("bpf", "perf_event_open", "userfaultfd", "open_by_handle_at", "syslog"),
}  # fmt: skip
_SAME_EVERYWHERE = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "clone3": 435,
}  # fmt: skip
_NAMES = (
    "add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd",
    "open_by_handle_at", "clone", "unshare", "socket", "socketpair", "seccomp", "syslog",
    "socketcall",
)  # fmt: skip


def _numbers(*numbers: int) -> dict[str, int]:
    """The numbers of an architecture, in the order of the names; the last may be missing."""
    return dict(zip(_NAMES, numbers, strict=False)) | _SAME_EVERYWHERE


_GENERIC = _numbers(217, 218, 219, 280, 241, 282, 265, 220, 97, 198, 199, 277, 116)
_I386 = _numbers(286, 287, 288, 357, 336, 374, 342, 120, 310, 359, 360, 354, 103, 102)
_ARM = _numbers(309, 310, 311, 386, 364, 388, 371, 120, 337, 281, 288, 383, 103)

#: for each machine, the architectures (linux/audit.h) whose programs its kernel runs, its own first
_TABLES = {
    "x86_64": {
        0xC000003E: _numbers(248, 249, 250, 321, 298, 323, 304, 56, 272, 41, 53, 317, 103),
        0x40000003: _I386,
    },
    "aarch64": {0xC00000B7: _GENERIC, 0x40000028: _ARM},
    "riscv64": {0xC00000F3: _GENERIC},
    "ppc64le": {
        0xC0000015: _numbers(269, 270, 271, 361, 319, 364, 346, 120, 282, 326, 333, 358, 103, 102)
    },
    "s390x": {
        0x80000016: _numbers(278, 279, 280, 351, 331, 355, 336, 120, 303, 359, 360, 348, 103, 102)
    },
}  # fmt: skip


def install() -> None:
    """Install the filter for this process and its children, permanently.

    :raises NoUserNamespace: the kernel has no filters of system calls.
    """
    machine = os.uname().machine
    code = program(machine)
    data = ctypes.create_string_buffer(code, len(code))
    filter_ = struct.pack("@HP", len(code) // _INSTRUCTION.size, ctypes.addressof(data))
    (own, *_) = _TABLES[machine].values()
    try:
        linux.syscall("seccomp", own["seccomp"], _SET_MODE_FILTER, _SPEC_ALLOW, filter_)
    except OSError as error:
        raise refusals.NoUserNamespace(
            f"the kernel filters no system calls ({error})", "a kernel with CONFIG_SECCOMP_FILTER"
        ) from None


def program(machine: str) -> bytes:
    """The filter, for a kernel of that machine.  An architecture that is not named has no calls."""
    made = _do(_LOAD, _ARCHITECTURE)
    for architecture, numbers in _TABLES[machine].items():
        block = _judge(numbers, machine)
        made += _do(_EQUAL, architecture, otherwise=_length(block)) + block
    return made + _refuse(errno.ENOSYS)


def _judge(numbers: dict[str, int], machine: str) -> bytes:
    made = _do(_LOAD, _NUMBER)
    if machine == "x86_64":
        made += _do(_AT_LEAST, _X32, otherwise=1) + _refuse(errno.ENOSYS)
    for number, names in _REFUSED.items():
        for name in names:
            if name in numbers:
                made += _do(_EQUAL, numbers[name], otherwise=1) + _refuse(number)
    flags = 1 if machine == "s390x" else 0  # its clone has the stack first
    made += _where(numbers["clone"], flags, _ANY_BIT, (_NEWCGROUP,), errno.EPERM)
    made += _where(numbers["unshare"], 0, _ANY_BIT, (_NEWCGROUP,), errno.EPERM)
    for name in ("socket", "socketpair"):
        made += _where(numbers[name], 0, _EQUAL, _FAMILIES, errno.EAFNOSUPPORT)
    return made + _do(_RETURN, _ALLOW)


def _where(call: int, argument: int, test: int, values: tuple[int, ...], number: int) -> bytes:
    """Refuse a call if the lower half of an argument passes a test."""
    big = 4 if sys.byteorder == "big" else 0
    block = _do(_LOAD, _ARGUMENTS + 8 * argument + big)
    for value in values:
        block += _do(test, value, otherwise=1) + _refuse(number)
    block += _do(_RETURN, _ALLOW)
    return _do(_EQUAL, call, otherwise=_length(block)) + block


def _refuse(number: int) -> bytes:
    return _do(_RETURN, _ERRNO | number)


def _do(code: int, value: int, *, otherwise: int = 0) -> bytes:
    """An instruction; if its test fails, `otherwise` instructions are skipped."""
    return _INSTRUCTION.pack(code, 0, otherwise, value)


def _length(block: bytes) -> int:
    return len(block) // _INSTRUCTION.size
