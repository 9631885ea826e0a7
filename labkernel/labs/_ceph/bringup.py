"""Brings up a healthy cluster in seconds: three monitors, a manager, three OSDs.

What takes a trainee an hour, and the command line `ceph` most of a minute.  It ends in the state
that the steps of the lab ceph-bluestore lead to, with the same files in the same places.
"""

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labkernel import LabError
from labkernel.errors import last_line
from labkernel.labs._ceph import configuration, disk, keys
from labkernel.labs._ceph.daemons import last_errors
from labkernel.labs._ceph.program import PROGRAM

if TYPE_CHECKING:
    from labkernel import Workbench

#: seconds until it is given up, on a machine that has other things to do
PATIENCE = 120
#: seconds between two looks at whether all daemons are still there
_LOOK = 3.0
LEADER, *_FOLLOWERS = configuration.MONITORS
_HOSTS = dict(enumerate(configuration.MONITORS))
#: the names of pools, how many placement groups each has, and what for
Pools = Sequence[tuple[str, int, str]]

#: what a daemon says that dies before it has opened its log
_SAID = "/var/log/ceph/{kind}.{name}.stderr"


@dataclass(frozen=True)
class Cluster:
    """The parts that a cluster gets.

    :param osds: whether it has OSDs, and a manager, or monitors alone.
    :param pools: see :data:`Pools`; they need OSDs.
    :param client: a node that gets ceph.conf and the keyring of client.admin.
    :param caps: further caps of client.admin, by service, as in ``{"mds": "allow *"}``.
    :param settings: lines for the end of ceph.conf's section [global].
    """

    osds: bool = True
    pools: Pools = ()
    client: str = "admin"
    caps: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""


@dataclass(frozen=True)
class Moment:
    """Something that has come to be, and after how many seconds."""

    what: str
    at: float


def bring_up(lab: "Workbench", wanted: Cluster = Cluster()) -> list[Moment]:
    """Make a cluster on alpha, bravo and charlie, which run and have no part of one yet.

    :returns: what was there when.
    :raises LabError: what did not come to be, and what the daemons' logs end with.
    """
    return _BringUp(lab, wanted).run()


class _BringUp:
    """One bring-up: what depends on nothing is done at the same time."""

    def __init__(self, lab: "Workbench", wanted: Cluster) -> None:
        self._lab, self._wanted, self._osds = lab, wanted, wanted.osds
        self._began = time.perf_counter()
        self._moments: list[Moment] = []
        self._keys: dict[str, str] = {}
        self._failure = ""
        self._done = False

    def run(self) -> list[Moment]:
        self._make_keys()
        with ThreadPoolExecutor(8) as pool:
            _all(pool.map(self._write, self._nodes()))
            self._note("files and keys")
            asking = pool.submit(self._ask)
            work = [pool.submit(self._monitors, pool)]
            if self._osds:
                work += [pool.submit(self._osd, number) for number in _HOSTS]
            try:
                for each in work:
                    each.result()
                self._await(asking)
            except BaseException:
                # a wait for the rest of the cluster must not delay the error
                self._lab.stop()
                raise
        return self._moments

    def _await(self, asking: "Future[None]") -> None:
        """Wait for the cluster; a daemon that has died ends the wait at once."""
        while not wait([asking], _LOOK).done:
            if said := self._logs():
                raise LabError(f"the cluster does not come up{said}")
        asking.result()

    def _make_keys(self) -> None:
        like = self._run(LEADER, "ceph-authtool --gen-print-key").strip()
        daemons = ["mgr.alpha", *(f"osd.{number}" for number in _HOSTS)] if self._osds else []
        self._keys = {name: keys.secret(like) for name in ("mon.", "client.admin", *daemons)}

    def _nodes(self) -> list[str]:
        return [*configuration.MONITORS, *([self._wanted.client] if self._wanted.client else [])]

    def _note(self, what: str) -> None:
        self._moments.append(Moment(what, time.perf_counter() - self._began))

    def _run(self, node: str, command: str, stdin: bytes = b"") -> str:
        return self._lab.run(node, command, stdin=stdin, expect=0).output

    # -- files -----------------------------------------------------------------------------------

    def _write(self, node: str) -> None:
        """Write all files of a node, by one command."""
        commands = [_given(self._wanted.settings), configuration.CONF, configuration.LISTEN]
        commands += [self._keyring(configuration.ADMIN_KEYRING, "client.admin")]
        if node in configuration.MONITORS:
            commands += [self._keyring("/etc/ceph/mon.keyring", "mon.", "client.admin")]
            commands += [configuration.MONMAP]
        if self._osds and node in configuration.MONITORS:
            number = list(configuration.MONITORS).index(node)
            directory = f"/var/lib/ceph/osd/ceph-{number}"
            commands += [
                f"mkdir {directory}",
                self._keyring(f"{directory}/keyring", f"osd.{number}"),
            ]
            commands += [disk.GIVE, f"cd {directory} && {disk.BLOCK}"]
        if self._osds and node == LEADER:
            directory = "/var/lib/ceph/mgr/ceph-alpha"
            commands += [
                f"mkdir -p {directory}",
                self._keyring(f"{directory}/keyring", "mgr.alpha"),
            ]
        if node == LEADER:
            commands += [self._keyring(_ALL_KEYS, *self._keys)]
        self._run(node, "\n".join(commands))

    def _keyring(self, path: str, *names: str) -> str:
        text = keys.keyring(self._keys, names, self._wanted.caps)
        return f"cat > {path} <<'END'\n{text}END\nchmod 600 {path}"

    # -- daemons ---------------------------------------------------------------------------------

    def _monitors(self, pool: ThreadPoolExecutor) -> None:
        """Make one store for all monitors, as none has decided anything yet, and start them."""
        store = f"/var/lib/ceph/mon/ceph-{LEADER}"
        made = self._run(
            LEADER,
            f"ceph-mon -i {LEADER} --mkfs --no-mon-config --monmap /etc/ceph/monmap "
            f"--keyring {_ALL_KEYS} && rm {_ALL_KEYS} && tar -cC {store} . | base64 --wrap=0\n"
            f"{_start('mon', LEADER)}" + (f"\n{_MANAGER}" if self._osds else ""),
        )
        packed = base64.b64decode(made)
        self._note("the first monitor's store")
        _all(pool.map(lambda name: self._follow(name, packed), _FOLLOWERS))

    def _follow(self, name: str, packed: bytes) -> None:
        store = f"/var/lib/ceph/mon/ceph-{name}"
        self._run(name, f"mkdir {store} && tar -xC {store}\n{_start('mon', name)}", packed)

    def _osd(self, number: int) -> None:
        """Make an OSD's store and start it; with its key in the monitors it registers itself."""
        words = f"ceph-osd -i {number} --mkfs --no-mon-config --osd-uuid {uuid.uuid4()}"
        self._run(_HOSTS[number], f"{words} > /dev/null\n{_start('osd', str(number))}")
        self._note(f"the store of osd.{number}")

    # -- the cluster -----------------------------------------------------------------------------

    def _ask(self) -> None:
        """Create the cluster's pools, and wait for HEALTH_OK."""
        given = {
            "monitors": len(configuration.MONITORS),
            "osds": len(_HOSTS) if self._osds else 0,
            "pools": list(self._wanted.pools),
            "within": PATIENCE,
        }
        words = ["python3", "-", json.dumps(given)]
        pieces: list[str] = []

        def hear(piece: str) -> None:
            pieces.append(piece)
            *lines, rest = "".join(pieces).split("\n")
            pieces[:] = [rest]
            for line in filter(None, lines):
                self._take(line)

        result = self._lab.run(LEADER, words, hear, timeout=PATIENCE + 60, stdin=PROGRAM.encode())
        # not by its exit code: librados may fall when its process ends, with all done
        if self._failure or not self._done:
            raise LabError(
                f"the cluster is {self._failure or last_line(result.output)}{self._logs()}"
            )

    def _take(self, line: str) -> None:
        """Take a line of the program's output: JSON, unless it is a message of Python's."""
        message = json.loads(line) if line.startswith("{") else {}
        if what := message.get("moment"):
            self._note(what)
        self._failure = message.get("failed", self._failure)
        self._done = self._done or message.get("done", False)

    def _logs(self) -> str:
        """The last messages of the daemons that have ended."""
        said = ""
        for number, node in _HOSTS.items():
            for name in (f"mon.{node}", *([f"osd.{number}"] if self._osds else [])):
                if not self._lab.run(node, ["pgrep", "-x", f"ceph-{name.partition('.')[0]}"]).ok:
                    words = last_errors(self._lab, node, name) or self._said(node, name)
                    said += f". {name} has ended" + (f". {words}" if words else "")
        return said

    def _said(self, node: str, name: str) -> str:
        kind, _, number = name.partition(".")
        found = self._lab.run(node, ["tail", "-n", "1", _SAID.format(kind=kind, name=number)])
        words = found.output.strip().rpartition(" -1 ")[2]
        return f"It said: {words}" if found.ok and words else ""


def _all(results: Iterable[object]) -> None:
    """Wait for every one; raise what one of them raised."""
    for _ in results:
        pass


def _given(settings: str) -> str:
    """The given settings, and more for the section [global] before that of the OSDs."""
    if not settings:
        return configuration.TINY
    return configuration.TINY.replace("\n[osd]\n", f"\n{settings}\n\n[osd]\n")


def _start(kind: str, name: str) -> str:
    said = _SAID.format(kind=kind, name=name)
    return f"ceph-{kind} -i {name} -f --no-mon-config > /dev/null 2> {said} < /dev/null &"


_ALL_KEYS = "/run/all.keyring"
_MANAGER = _start("mgr", "alpha")
