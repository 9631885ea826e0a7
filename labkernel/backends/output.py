"""Collects the output of a command: decoded incrementally, and limited in size."""

import codecs
from collections import deque

from labkernel.command import Octets, OnOutput


class Bounded:
    """Collects output; keeps its beginning and its end when it grows too long.

    :param on_output: called with each piece.
    :param limit: the number of characters kept of the beginning, and of the end.
    """

    def __init__(self, on_output: OnOutput | None = None, limit: int = 512 * 1024) -> None:
        self.limit = limit
        self.truncated = 0
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._head: list[str] = []
        self._room = limit
        self._tail: deque[str] = deque()
        self._tail_length = 0

    def add(self, data: bytes) -> None:
        """Add bytes that were read; a character that is split between reads is joined."""
        if isinstance(self._on_output, Octets) and data:
            self._on_output.take(data)
        self._keep(self._decoder.decode(data))

    def close(self) -> None:
        """End the output; an incomplete character becomes U+FFFD."""
        self._keep(self._decoder.decode(b"", final=True))

    def text(self) -> str:
        """The collected output; a line says how much is missing in the middle."""
        middle = [f"\n[… {self.truncated:,} characters left out …]\n"] if self.truncated else []
        return "".join([*self._head, *middle, *self._tail])

    def _keep(self, text: str) -> None:
        if not text:
            return
        if self._on_output and not isinstance(self._on_output, Octets):
            self._on_output(text)
        head, rest = text[: self._room], text[self._room :]
        if head:
            self._head.append(head)
            self._room -= len(head)
        if rest:
            self._tail.append(rest)
            self._tail_length += len(rest)
            self._trim()

    def _trim(self) -> None:
        while self._tail_length > self.limit:
            excess = self._tail_length - self.limit
            first = self._tail.popleft()
            if len(first) > excess:
                self._tail.appendleft(first[excess:])
            dropped = min(len(first), excess)
            self._tail_length -= dropped
            self.truncated += dropped
