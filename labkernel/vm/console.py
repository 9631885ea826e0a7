"""A machine in QEMU that is spoken to as one sits at it: by its serial console."""

import codecs
import contextlib
import os
import re
import select
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Self

from labkernel import linux
from labkernel.errors import BackendUnavailable, NodeLost, last_line
from labkernel.plain import PlainParts

_LINES = 8


class Console:
    """A QEMU process and its first serial port; it ends with the thread that made it.

    :param words: of QEMU's command line, without the serial port.
    :param fds: descriptors that they name.
    :param on_output: called with what the machine prints.
    :raises BackendUnavailable: there is no QEMU.
    """

    def __init__(
        self,
        words: Sequence[str],
        fds: Sequence[int] = (),
        on_output: Callable[[str], None] | None = None,
    ) -> None:
        self._on_output = on_output
        self._unread = ""
        self._said = ""
        self._parts = PlainParts()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._errors = os.memfd_create("errors")
        self._line, theirs = socket.socketpair()
        port = theirs.fileno()
        with theirs:
            serial = ["-chardev", f"socket,id=console,fd={port}", "-serial", "chardev:console"]
            try:
                self._process = subprocess.Popen(
                    [*words, *serial],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._errors,
                    pass_fds=[port, *fds],
                    preexec_fn=linux.die_with_parent,  # noqa: PLW1509  one system call
                )
            except FileNotFoundError:
                os.close(self._errors)
                self._line.close()
                raise BackendUnavailable(
                    "QEMU", f"{words[0]} is missing", "sudo apt-get install qemu-system-x86"
                ) from None

    def send(self, text: str) -> None:
        """Type something."""
        # a machine that has ended is found by what is expected next
        with contextlib.suppress(OSError):
            self._line.sendall(text.encode())

    def expect(self, pattern: str, within: float) -> "re.Match[str]":
        """Wait until the machine has printed something, and drop all up to there.

        :param pattern: a regular expression; control sequences are not seen by it.
        :param within: seconds.
        :raises NodeLost: it did not, or ended; with its last lines.
        """
        end = time.monotonic() + within
        while not (found := re.search(pattern, self._unread)):
            left = end - time.monotonic()
            if left <= 0:
                raise self._lost(f"did not print {pattern!r} within {within:g} s")
            if not self._read(left):
                raise self._lost(f"ended, and had not printed {pattern!r}")
        self._unread = self._unread[found.end() :]
        return found

    def wait(self, within: float) -> None:
        """Wait for the machine's end: its power is off, or it would boot again.

        :raises NodeLost: it goes on.
        """
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            if not self._read(left):
                self._process.wait()
                return
        raise self._lost(f"did not end within {within:g} s")

    def _read(self, within: float) -> bool:
        """Take what comes next; whether the machine is still there."""
        if not select.select([self._line], [], [], within)[0]:
            return True
        try:
            data = self._line.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return False
        text = self._parts.take(self._decoder.decode(data)).replace("\r", "")
        self._unread += text
        self._said = (self._said + text)[-(1 << 16) :]
        if self._on_output and text:
            self._on_output(text)
        return True

    def _lost(self, what: str) -> NodeLost:
        errors = os.pread(self._errors, 1 << 16, 0).decode(errors="replace")
        said = f" QEMU said: {last_line(errors)}." if errors.strip() else ""
        lines = [line.strip() for line in self._said.splitlines() if line.strip()]
        seen = " | ".join(lines[-_LINES:]) or "nothing"
        return NodeLost(f"the machine {what}.{said} Its console's last lines: {seen}")

    def stop(self) -> None:
        """End it early, from another thread: what is expected then does not come."""
        self._process.kill()

    def end(self) -> None:
        """End it as if its power failed."""
        self._process.kill()
        self._process.wait()
        self._line.close()
        os.close(self._errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
