"""What a step watches while it runs: a program on a node says how something is, line by line, and
the page shows it as it changes."""

import itertools
import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from labkernel.attempt import Nodes, Workbench
from labkernel.errors import AuthorError, BackendError, first_line
from labkernel.evaluation import authors
from labkernel.observing.protocol import OnArtifact
from labkernel.topology import Topology

SAMPLES = 1200
"""So many samples are kept, the latest."""

_LONGEST = 1 << 20
"""Characters of a sample."""

Sample = dict[str, Any]
"""What the program said once, and ``at``: how many seconds after the step's start."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Watch:
    """What is watched: ``lab.step(…, observe=[CLUSTER])``.

    :param title: what it is, a noun.
    :param on: the node that the program runs on.
    :param program: of Python. It prints a JSON object a line, again and again; at SIGTERM, which it
        has blocked, it prints a last one, and ends.
    :param picture: makes HTML of the samples so far. Its second argument: whether it becomes a part
        of a page, and follows the page's theme; else it stands alone.
    :param summary: says in one sentence how it is now, for those who hear the page.
    """

    title: str
    on: str
    program: str
    picture: Callable[[Sequence[Sample], bool], str]
    summary: Callable[[Sample], str]

    def require(self, topology: Topology) -> None:
        """Its node is there."""
        topology.node(self.on)

    def start(self, bench: Workbench, _node: str, tell: OnArtifact | None) -> "Watcher":
        """Begin to watch."""
        return Watcher(bench, self, tell)


@dataclass(frozen=True)
class Seen:
    """What a watch has seen.

    :param samples: the latest, the first one first.
    """

    watch: Watch
    samples: tuple[Sample, ...]

    mime = "application/vnd.labkernel.samples+json"


class Watcher:
    """A program of a watch that runs."""

    def __init__(self, nodes: Nodes, watch: Watch, tell: OnArtifact | None = None) -> None:
        self._nodes, self._watch = nodes, watch
        self._tell = tell
        self._pid_file = f"/run/labkernel-watch-{next(_numbers)}.pid"
        self._rest = ""
        self._said = ""
        self._problem: AuthorError | None = None
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._began = monotonic()
        self._runs = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        self._runs.wait()

    def _work(self) -> None:
        script = f'echo $$ > {self._pid_file}; echo; exec python3 -c "$0"'
        words = ["bash", "-c", script, self._watch.program]
        # whether the node is lost the step says itself
        with suppress(BackendError):
            self._nodes.run(self._watch.on, words, self._said_more, None)
        self._runs.set()

    def _said_more(self, text: str) -> None:
        self._runs.set()
        *lines, rest = (self._rest + text).split("\n")
        self._rest = rest[: _LONGEST + 1]
        try:
            for line in [*lines, *([rest] if len(rest) > _LONGEST else [])]:
                self._take(line)
            if self._tell and self._samples and lines:
                with authors(f'the picture of the watch "{self._watch.title}"'):
                    self._tell(Seen(self._watch, tuple(self._samples)))
        except AuthorError as error:  # raised here, it would end the program's reader
            self._problem = self._problem or error

    def _take(self, line: str) -> None:
        """Take a line; one that is no JSON object may be a warning, but not the only one."""
        if not line.startswith("{"):
            self._said = line if line.strip() else self._said
            return
        at = round(monotonic() - self._began, 3)
        try:
            sample = json.loads(line)
        except (ValueError, RecursionError):
            raise self._wrong(line) from None
        self._samples.append({**sample, "at": at})

    def _wrong(self, line: str) -> AuthorError:
        what = f'the program of the watch "{self._watch.title}"'
        return AuthorError(what, f"it printed `{first_line(line)}`, and must print JSON objects")

    def feed(self, text: str) -> None:
        """What the command prints is not watched."""

    def command_ended(self) -> None:
        """What becomes of it until the check's end is watched as well."""

    def stop(self) -> tuple[Seen, AuthorError | None]:
        """Have it look a last time, and end it; it has a second for that.

        :returns: the samples, and what its author has done wrong; the first of it.
        """
        script = (
            f"pid=$(cat {self._pid_file}); rm -f {self._pid_file}\n"
            "kill -TERM $pid 2>/dev/null || exit 0\n"
            "timeout 1 tail --pid=$pid -s 0.02 -f /dev/null || kill -KILL $pid 2>/dev/null; true"
        )
        with suppress(BackendError):  # the node has ended, and the program with it
            self._nodes.run(self._watch.on, ["bash", "-c", script])
        self._thread.join()
        if self._said and not self._samples and not self._problem:
            self._problem = self._wrong(self._said)
        return Seen(self._watch, tuple(self._samples)), self._problem
