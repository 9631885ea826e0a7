"""Watches: a program on a node prints samples while a step runs, and the page shows them live."""

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
"""The number of samples that are kept, the latest."""

_LONGEST = 1 << 20
"""The maximum length of a sample, in characters."""

Sample = dict[str, Any]
"""One JSON object of the program, and ``at``: the seconds since the step's start."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Watch:
    """The declaration of a watch: ``lab.step(…, observe=[CLUSTER])``.

    :param title: what is watched, a noun.
    :param on: the node on which the program runs.
    :param program: a Python program.  It prints one JSON object per line, repeatedly; at SIGTERM,
        which it has blocked, it prints a last one, and ends.
    :param picture: a function of the samples so far; returns HTML.  Its second argument is true if
        the HTML becomes a part of a page and follows the page's theme; otherwise it stands alone.
    :param summary: a function of a sample; returns one sentence, for screen readers.
    """

    title: str
    on: str
    program: str
    picture: Callable[[Sequence[Sample], bool], str]
    summary: Callable[[Sample], str]

    def require(self, topology: Topology) -> None:
        """Raise TopologyError if the lab has no such node."""
        topology.node(self.on)

    def start(self, bench: Workbench, _node: str, on_artifact: OnArtifact | None) -> "Watcher":
        """Start the program."""
        return Watcher(bench, self, on_artifact)


@dataclass(frozen=True)
class Seen:
    """The artifact of a watch.

    :param samples: the latest samples, in the order of time.
    """

    watch: Watch
    samples: tuple[Sample, ...]

    mime = "application/vnd.labkernel.samples+json"


class Watcher:
    """A running program of a watch."""

    def __init__(self, nodes: Nodes, watch: Watch, on_artifact: OnArtifact | None = None) -> None:
        self._nodes, self._watch = nodes, watch
        self._on_artifact = on_artifact
        self._pid_file = f"/run/labkernel-watch-{next(_numbers)}.pid"
        self._rest = ""
        self._other_output = ""
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
        # a lost node is reported by the step itself
        with suppress(BackendError):
            self._nodes.run(self._watch.on, words, self._on_output, None)
        self._runs.set()

    def _on_output(self, text: str) -> None:
        self._runs.set()
        *lines, rest = (self._rest + text).split("\n")
        self._rest = rest[: _LONGEST + 1]
        try:
            for line in [*lines, *([rest] if len(rest) > _LONGEST else [])]:
                self._take(line)
            if self._on_artifact and self._samples and lines:
                with authors(f'the picture of the watch "{self._watch.title}"'):
                    self._on_artifact(Seen(self._watch, tuple(self._samples)))
        except AuthorError as error:  # raised here, it would end the program's reader
            self._problem = self._problem or error

    def _take(self, line: str) -> None:
        """Take a line; other lines than JSON objects may be warnings, but not all of the output."""
        if not line.startswith("{"):
            self._other_output = line if line.strip() else self._other_output
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
        """Ignore the command's output."""

    def command_ended(self) -> None:
        """Continue: the watch lasts until the check's end."""

    def stop(self) -> tuple[Seen, AuthorError | None]:
        """Let the program print a last sample, and end it; it has a second for that.

        :returns: the samples, and the first mistake of the program's author.
        """
        script = (
            f"pid=$(cat {self._pid_file}); rm -f {self._pid_file}\n"
            "kill -TERM $pid 2>/dev/null || exit 0\n"
            "timeout 1 tail --pid=$pid -s 0.02 -f /dev/null || kill -KILL $pid 2>/dev/null; true"
        )
        with suppress(BackendError):  # the node has ended, and the program with it
            self._nodes.run(self._watch.on, ["bash", "-c", script])
        self._thread.join()
        if self._other_output and not self._samples and not self._problem:
            self._problem = self._wrong(self._other_output)
        return Seen(self._watch, tuple(self._samples)), self._problem
