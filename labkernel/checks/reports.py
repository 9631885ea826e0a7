"""Reports of nodes' kernels: that something has changed which a check depends on.

On each node one small program waits for messages of rtnetlink(7) and of nftables, and for changes
of directories; it uses no time while nothing changes.  (A node's Python may be Debian's
python3-minimal, which has no ctypes for inotify(7).)
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable

from labkernel.attempt import Nodes
from labkernel.checks.events import Event, Kind
from labkernel.errors import BackendError, LabError

#: multicast groups of rtnetlink (linux/rtnetlink.h), by kind
_GROUPS = {
    Kind.LINK: (1,),
    Kind.NEIGHBOUR: (3,),
    Kind.ADDRESS: (5, 9),
    Kind.ROUTE: (7, 11),
    Kind.RULE: (8, 19),
    Kind.SETTING: (24, 25),
}

#: prints its process id, ``ready``, then ``kind`` or ``file PATH`` for each change.  A file is
#: watched by its directory (F_NOTIFY of fcntl(2)), as editors replace it; while there is no
#: directory, by the nearest one above it.
_PROGRAM = r"""
import fcntl, json, os, select, signal, socket, sys
wanted = json.loads(sys.argv[1])
def say(*words):
    print(*words, flush=True)
say(os.getpid())
poll, heard = select.poll(), {}
def hear(family, kind, groups):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
    s.bind((0, 0))
    for group in groups:
        s.setsockopt(270, 1, group)
    poll.register(s, select.POLLIN)
    heard[s.fileno()] = (s, kind)
for kind, groups in wanted["groups"].items():
    hear(0, kind, groups)
if wanted["filter"]:
    hear(12, "nft", [7])
woken, wake = os.pipe()
os.set_blocking(wake, False)
signal.signal(signal.SIGIO, lambda *_: None)
signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
poll.register(woken, select.POLLIN)
names = "DN_MODIFY DN_CREATE DN_DELETE DN_RENAME DN_ATTRIB DN_MULTISHOT".split()
changes = sum(getattr(fcntl, name) for name in names)
held = {}
def number(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
def watch():
    for folder, fd in list(held.items()):
        there = number(folder)
        if there is None or there[1] != os.fstat(fd).st_ino:
            os.close(held.pop(folder))
    for path in wanted["files"]:
        folder = os.path.dirname(path)
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        if folder not in held:
            held[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.fcntl(held[folder], fcntl.F_NOTIFY, changes)
known = {path: number(path) for path in wanted["files"]}
watch()
say("ready")
while True:
    for fd, _ in poll.poll():
        if fd in heard:
            try:
                heard[fd][0].recv(65536)
            except OSError:
                pass  # messages were lost: something has changed all the same
            say(heard[fd][1])
            continue
        os.read(woken, 65536)
        watch()
        for path in wanted["files"]:
            if known[path] != (now := number(path)):
                known[path] = now
                say("file", path)
"""

#: seconds for a node's program to begin
_ANSWER = 30.0

OnEvent = Callable[[Event], None]
"""Called from another thread with what was reported."""


class Reports:
    """Waits for events of nodes, until it is closed.

    :param on_event: called with each event that is reported.
    :param on_end: called with the name of a node that reports no more, as it has ended.
    """

    def __init__(
        self,
        nodes: Nodes,
        events: Iterable[Event],
        on_event: OnEvent,
        on_end: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._nodes, self._on_event, self._on_end = nodes, on_event, on_end
        self._pids: dict[str, str] = {}
        self._closed = False
        by_node: defaultdict[str, set[Event]] = defaultdict(set)
        for event in events:
            by_node[event.node].add(event)
        self._begun = {node: threading.Event() for node in by_node}
        self._threads = [
            threading.Thread(target=self._wait, args=(node, wanted), daemon=True)
            for node, wanted in by_node.items()
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Every node is still being watched."""
        return all(thread.is_alive() for thread in self._threads)

    def await_begin(self) -> None:
        """Wait until every node is watched, has ended, or does not answer for 30 s: from then on no
        change of a node that answers is missed."""
        for begun in self._begun.values():
            begun.wait(_ANSWER)

    def close(self) -> None:
        """End the programs on the nodes."""
        self._closed = True
        for node, pid in list(self._pids.items()):
            try:
                self._nodes.run(node, ["kill", pid])
            except LabError:
                continue  # the node has ended, and the program with it
        for thread in self._threads:
            thread.join(5)

    def _wait(self, node: str, events: set[Event]) -> None:
        reader = _Reader(lambda line: self._take(node, line))
        try:
            self._nodes.run(
                node, ["python3", "-c", _PROGRAM, json.dumps(_wanted(events))], reader.feed, None
            )
        except BackendError:
            return  # the node has ended
        finally:
            self._begun[node].set()
            if not self._closed:
                self._on_end(node)

    def _take(self, node: str, line: str) -> None:
        if node not in self._pids:
            if not line.isdigit():
                return  # a warning of the node's Python
            self._pids[node] = line
            if self._closed:
                self._nodes.run(node, ["kill", line])
            return
        word, _, path = line.partition(" ")
        if word == "ready":
            self._begun[node].set()
        if word in set(Kind):
            self._on_event(Event(node, Kind(word), path))


class _Reader:
    """Gives whole lines of a command's output."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take, self._rest = take, ""

    def feed(self, text: str) -> None:
        """Take a piece of the output."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._take(line.strip())


def _wanted(events: set[Event]) -> dict[str, object]:
    """The argument of the program on a node."""
    kinds = {event.kind for event in events}
    return {
        "groups": {kind: _GROUPS[kind] for kind in kinds if kind in _GROUPS},
        "filter": Kind.FILTER in kinds,
        "files": sorted(event.path for event in events if event.kind is Kind.FILE),
    }
