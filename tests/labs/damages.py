"""Damages to a lab in which a trainee works: each is done to real nodes, and reverted."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from labkernel import CheckFailed, RunningLab, Step
from labkernel.checks.combine import patience
from labkernel.errors import LabError

#: seconds that a check is given that will hardly change its mind
_PATIENCE = 0.5
#: seconds in which it must be over with it: what it asks may wait for programs that don't answer
_OVER = 120.0

#: how a file is damaged, as a command in which "$1" is the file
FILES = {
    "missing": 'rm "$1"',
    "empty": ': > "$1"',
    "binary": 'head -c 700 /dev/urandom > "$1"',
    "with CR LF and a BOM": r"""{ printf '\357\273\277'; sed 's/$/\r/' "$1.kept"; } > "$1" """,
    "commented out": """sed 's/^/# /' "$1.kept" > "$1" """,
    "in capitals, backwards": """tac "$1.kept" | tr a-z A-Z > "$1" """,
    "of 10 MB": """yes '# line' | head -c 10000000 > "$1" """,
    "cut short": """head -c $(($(stat -c %s "$1.kept") * 2 / 3)) "$1.kept" > "$1" """,
}
#: what a lab's steps write: no databases, no logs, nothing of the system's own
_WRITTEN = (
    'find /etc /root /run /srv /usr/local -xdev -newermt "$(ps -o lstart= -p 1)" -type f '
    "-size -200k ! -name '*.kept' ! -name ld.so.cache ! -path '*/.cache/*' ! -name '*.log' "
    "! -path '/run/damages*' 2> /dev/null | sort | head -40"
)
_SAVED = """cp -a --remove-destination "$1" "$1.kept" """
_RESTORE = """cp -a --remove-destination "$1.kept" "$1"; rm -f "$1.kept" """
#: what runs on a node beside this command, and since when
_DAEMONS = (
    "ps -eo pid=,ppid=,sid=,comm= | awk -v own=$$ '$2 <= 1 && $1 > 1 && $3 != own {print $1, $4}'"
)
#: starts again what runs as "$1", and notes what ran before; it may end at once, or end the other
_AGAIN = """ps -eo pid= > /run/damages.pids
cd / && xargs -0 -a "/proc/$1/cmdline" setsid --fork > /dev/null 2>&1 < /dev/null; true"""
_NOT_AGAIN = """ps -eo pid=,comm= | while read -r pid name; do
  [ "$name" = "$1" ] && ! grep -q -w "$pid" /run/damages.pids && kill -KILL "$pid"
done; true"""
#: a Router Advertisement (RFC 4861, section 4.2) with a prefix: on a link, for so many seconds
_ROUTER = """\
import socket, struct, sys
index, lifetime = socket.if_nametoindex(sys.argv[1]), int(sys.argv[2])
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, lifetime, lifetime, 0)
said = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime, 0, 0) + prefix
said += socket.inet_pton(socket.AF_INET6, "2001:db8:bad:1::")
raw.sendto(said, ("ff02::1", 0, 0, index))"""
_NO_ROUTER = "ip -6 address flush to 2001:db8:bad:1::/64 2> /dev/null; true"
_LINKS = "ls /sys/class/net | grep -vE '^(lo|bonding_masters|br-|docker0|veth)'"


Damaged = Callable[[], AbstractContextManager[None]]
Damage = tuple[str, Damaged]


@dataclass(frozen=True)
class Verdict:
    """What a check said of a lab that was damaged.

    :param passed: whether it took it for done all the same; ``None`` if it said neither, but ended
        with another error.
    """

    damage: str
    passed: bool | None
    said: str
    seconds: float


def verdicts(running: RunningLab, step: Step) -> Iterator[Verdict]:
    """What a step's check says of each damage, one after the other.

    All but the last are reverted: then no daemon runs any more.
    """
    for what, damaged in _damages(running):
        with damaged():
            yield _verdict(running, step, what)
    killed = [_kill_daemons(running, node.name) for node in running.topology.nodes]
    if any(killed):
        yield _verdict(running, step, "all daemons are dead")
        for what, damaged in _files(running):
            with damaged():
                yield _verdict(running, step, f"all daemons are dead; {what}")


def _verdict(running: RunningLab, step: Step, damage: str) -> Verdict:
    started = time.monotonic()
    passed: bool | None
    try:
        with patience(_PATIENCE):
            passed, said = True, running.evidence(step)
    except CheckFailed as failure:
        passed, said = False, str(failure)
    except LabError as error:
        passed, said = None, f"{type(error).__name__}: {error}"
    return Verdict(damage, passed, said, time.monotonic() - started)


def is_over(verdict: Verdict) -> bool:
    """Whether a check did not wait for what can't come."""
    return verdict.seconds < _OVER


def _damages(running: RunningLab) -> Iterator[Damage]:
    yield from _files(running)
    for node in running.topology.nodes:
        name = node.name
        for pid, program in _daemons(running, name):
            yield f"{name}: {program} is stopped by SIGSTOP", _asleep(running, name, pid)
        for link in running.run(name, _LINKS).output.split():
            yield f"{name}: a further address is on {link}", _address(running, name, link)
            yield f"{name}: {link} is down", _link(running, name, link, "down", link)
            yield (
                f"{name}: {link} has another name",
                _link(running, name, link, "down name other0", "other0"),
            )
            yield f"{name}: says on {link} that it is a router", _router(running, name, link)
    for node in running.topology.nodes:
        for pid, program in _daemons(running, node.name):
            yield (
                f"{node.name}: {program} is started twice",
                _twice(running, node.name, pid, program),
            )


def _files(running: RunningLab) -> Iterator[Damage]:
    for node in running.topology.nodes:
        for file in running.run(node.name, _WRITTEN).output.splitlines():
            for how, command in FILES.items():
                yield f"{node.name}: {file} is {how}", _file(running, node.name, file, command)


def _daemons(running: RunningLab, node: str) -> list[tuple[str, str]]:
    lines = running.run(node, _DAEMONS).output.splitlines()
    return [(pid, program) for pid, _, program in (line.partition(" ") for line in lines)]


def _kill_daemons(running: RunningLab, node: str) -> bool:
    """End what the steps have started, as it comes; whether there was anything."""
    found = _daemons(running, node)
    if found:
        running.run(node, ["kill", "-KILL", *(pid for pid, _ in found)])
    return bool(found)


def _reverted(running: RunningLab, node: str, do: list[str], undo: list[str]) -> Damaged:
    @contextmanager
    def damaged() -> Iterator[None]:
        done = running.run(node, do).ok  # an interface may have no IPv6, a file be gone
        try:
            yield
        finally:
            if done:
                running.run(node, undo)

    return damaged


def _bash(script: str, *words: str) -> list[str]:
    return ["bash", "-c", script, "bash", *words]


def _file(running: RunningLab, node: str, file: str, command: str) -> Damaged:
    return _reverted(running, node, _bash(f"{_SAVED} && {command}", file), _bash(_RESTORE, file))


def _asleep(running: RunningLab, node: str, pid: str) -> Damaged:
    return _reverted(running, node, ["kill", "-STOP", pid], ["kill", "-CONT", pid])


def _twice(running: RunningLab, node: str, pid: str, program: str) -> Damaged:
    return _reverted(running, node, _bash(_AGAIN, pid), _bash(_NOT_AGAIN, program))


def _router(running: RunningLab, node: str, link: str) -> Damaged:
    """Its neighbours hear of another router, if it can say anything."""

    @contextmanager
    def damaged() -> Iterator[None]:
        running.run(node, ["python3", "-c", _ROUTER, link, "1800"])
        try:
            yield
        finally:
            running.run(node, ["python3", "-c", _ROUTER, link, "0"])
            for each in running.topology.nodes:
                running.run(each.name, _NO_ROUTER)

    return damaged


def _address(running: RunningLab, node: str, link: str) -> Damaged:
    address = ["2001:db8:bad::1/64", "dev", link]
    return _reverted(
        running,
        node,
        ["ip", "-6", "address", "add", *address, "nodad"],
        ["ip", "-6", "address", "del", *address],
    )


def _link(running: RunningLab, node: str, link: str, change: str, then: str) -> Damaged:
    """What the kernel forgets with a link is put back as it was, as far as it can be."""
    routes = "for family in 4 6; do ip -$family route {} /run/damages.$family; done"
    save = f"ip address save > /run/damages.a; {routes.format('save >')}"
    back = f"""ip link set {then} name {link} 2> /dev/null; ip link set {link} up
ip address restore < /run/damages.a; {routes.format("restore <")}"""
    return _reverted(
        running, node, _bash(f"{save}; ip link set {link} {change}"), _bash(f"{back}; true")
    )
