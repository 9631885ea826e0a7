"""The filter of system calls, as the kernel would run it, on every architecture."""

import errno
import struct

import pytest

from labkernel.backends.namespaces import seccomp

_ALLOWED = 0
_CALLS = [(machine, own) for machine, table in seccomp._TABLES.items() for own in table]
_NOTHING = 0x40000008  # AUDIT_ARCH_MIPSEL, of no machine here
_FLAGS = {"s390x": 1}  # which argument of clone has the flags


def judged(machine: str, architecture: int, number: int, *arguments: int) -> int:
    """What a call gets: nothing, or an error."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    program = list(seccomp._INSTRUCTION.iter_unpack(seccomp.program(machine)))
    at = loaded = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == seccomp._LOAD:
            (loaded,) = struct.unpack_from("=I", data, value)
        elif code == seccomp._RETURN:
            assert value & 0xFFFF0000 in (seccomp._ALLOW, seccomp._ERRNO)
            return value & 0xFFFF if value != seccomp._ALLOW else _ALLOWED
        else:
            held = {
                seccomp._EQUAL: loaded == value,
                seccomp._AT_LEAST: loaded >= value,
                seccomp._ANY_BIT: loaded & value != 0,
            }[code]
            at += yes if held else no


@pytest.mark.parametrize(("machine", "architecture"), _CALLS)
def test_what_is_refused(machine: str, architecture: int) -> None:
    """Keyrings, io_uring and their like are refused in each architecture that a machine runs."""
    numbers = seccomp._TABLES[machine][architecture]
    for number, names in seccomp._REFUSED.items():
        for name in names:
            if name in numbers:
                assert judged(machine, architecture, numbers[name]) == number, name


@pytest.mark.parametrize(("machine", "architecture"), _CALLS)
def test_what_is_refused_for_its_arguments(machine: str, architecture: int) -> None:
    """A cgroup namespace is refused, as are families of sockets that know no namespace; all others
    are made."""
    numbers = seccomp._TABLES[machine][architecture]
    stack = (0xDEAD,) * _FLAGS.get(machine, 0)
    for flags, expected in ((0x7C020000, _ALLOWED), (0x7E020000, errno.EPERM)):
        assert judged(machine, architecture, numbers["clone"], *stack, flags) == expected
        assert judged(machine, architecture, numbers["unshare"], flags) == expected
    for family in range(46):
        expected = errno.EAFNOSUPPORT if family in (38, 40, 42) else _ALLOWED
        for name in ("socket", "socketpair"):
            assert judged(machine, architecture, numbers[name], family) == expected


@pytest.mark.parametrize(("machine", "architecture"), _CALLS)
def test_what_is_left(machine: str, architecture: int) -> None:
    """Nothing but what is named is refused."""
    numbers = seccomp._TABLES[machine][architecture]
    named = {
        numbers[name] for names in seccomp._REFUSED.values() for name in numbers.keys() & names
    }
    allowed = set(range(600)) - named
    assert {judged(machine, architecture, number) for number in allowed} == {_ALLOWED}


@pytest.mark.parametrize("machine", seccomp._TABLES)
def test_other_architectures(machine: str) -> None:
    """A program of an architecture without a table has no system call, nor has one of x32."""
    assert {judged(machine, _NOTHING, number) for number in range(600)} == {errno.ENOSYS}
    if machine == "x86_64":
        assert judged(machine, 0xC000003E, 0x40000000 | 39) == errno.ENOSYS
