"""Waits for network events of nodes' kernels: changes of addresses, routes and neighbours."""

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from labkernel.errors import LabError, NodeLost

if TYPE_CHECKING:
    from labkernel.attempt import Nodes

#: it prints its process id first, by which it is ended.  What changes while it reads the list of
#: interfaces, once it has begun, it does not report: see :mod:`labkernel.checks.reports`
_WATCH = "echo $$; exec ip monitor link address route neigh"


class Changes:
    """Waits for changes of the network of nodes (rtnetlink(7)).

    :param nodes: their names; without any, :meth:`wait` only waits for the time.
    """

    def __init__(self, lab: "Nodes", nodes: tuple[str, ...]) -> None:
        self._lab = lab
        self._changed = threading.Event()
        self._output = dict.fromkeys(nodes, "")
        self._threads = {
            node: threading.Thread(target=self._watch, args=(node,), daemon=True) for node in nodes
        }

    def __enter__(self) -> Self:
        for thread in self._threads.values():
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for node, thread in self._threads.items():
            self._await_number(node)
            if thread.is_alive():
                self._end(node)
            thread.join()

    def _await_number(self, node: str) -> None:
        while self._threads[node].is_alive() and "\n" not in self._output[node]:
            self.wait(1)

    def _number(self, node: str) -> str:
        return self._output[node].partition("\n")[0]

    def wait(self, seconds: float) -> bool:
        """Wait for a change since the last wait's end, for at most some seconds.

        :returns: true if there was one.
        """
        changed = self._changed.wait(seconds)
        self._changed.clear()
        return changed

    def _watch(self, node: str) -> None:
        try:
            self._lab.run(node, _WATCH, lambda text: self._take(node, text), None)
        except LabError:
            return  # the node has ended: the check itself reports that
        finally:
            self._changed.set()

    def _take(self, node: str, text: str) -> None:
        self._output[node] += text
        self._changed.set()

    def _end(self, node: str) -> None:
        try:
            self._lab.run(node, ["kill", self._number(node)])
        except NodeLost:
            return
