"""The output of a running step: bounded, without escapes, sent to the page in batches."""

import threading
import time
from collections.abc import Callable

from labkernel.plain import PlainParts

INTERVAL = 0.1
"""Seconds between two batches."""

LIMIT = 400_000
"""Characters that the page holds; of more, the first and last half."""

Send = Callable[[int, int, str], None]
"""Called with the version, the place of the text in it, and the text.  A new version replaces what
the page has; within one, texts follow one another."""


class Output:
    """Collects what a command prints and hands it on in batches, from whichever thread."""

    def __init__(self, send: Send) -> None:
        self.text = ""
        self.version = 0
        self._send = send
        self._sent = 0
        self._parts = PlainParts()
        self._truncated = 0
        self._due = 0.0
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._stop_timer()
            self.text, self._truncated, self._sent, self._due = "", 0, 0, 0.0
            self._parts = PlainParts()
            self.version += 1
            self._send(self.version, 0, "")

    def write(self, text: str) -> None:
        """Take a piece; the first is handed on at once, later ones at most every 100 ms."""
        with self._lock:
            self._append(self._parts.take(text))
            wait = self._due - time.monotonic()
            if wait <= 0:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(wait, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def _append(self, text: str) -> None:
        self.text += text
        if len(self.text) > 2 * LIMIT:
            self._shorten()

    def _shorten(self) -> None:
        half = LIMIT // 2
        head = self.text[:half].partition("\n[… ")[0] if self._truncated else self.text[:half]
        tail = self.text[-half:]
        self._truncated += len(self.text) - len(head) - len(tail)
        note = f"\n[… {self._truncated:,} characters left out …]\n"
        self.text = head + note + tail
        self.version += 1
        self._sent = 0

    def flush(self) -> None:
        """Hand on what has not been yet."""
        with self._lock:
            self._stop_timer()
            if self._sent == len(self.text):
                return
            text = self.text[self._sent :]
            self._send(self.version, self._sent, text)
            # a page that must draw everything anew gets more time for it
            pause = INTERVAL if self._sent or len(text) < LIMIT else 10 * INTERVAL
            self._sent = len(self.text)
            self._due = time.monotonic() + pause

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
