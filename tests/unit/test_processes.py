"""Processes of the command line under Windows and macOS, which lack signals that Linux has."""

import signal
import subprocess
import sys

import pytest

from labkernel.cli import processes
from labkernel.notebook import sockets

_CTRL_BREAK, _NEW_GROUP = 1, 0x200  # as in Windows


class Sent:
    """A process that notes which signals it is sent."""

    def __init__(self) -> None:
        self.signals: list[int] = []

    def send_signal(self, number: int) -> None:
        """Note it."""
        self.signals.append(number)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> dict[int, object]:
    """Windows, as far as these calls go; gives the handlers that are set."""
    handlers: dict[int, object] = {}
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", _CTRL_BREAK, raising=False)
    monkeypatch.setattr(signal, "SIGBREAK", 21, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", _NEW_GROUP, raising=False)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    return handlers


def test_interrupted_under_windows(windows: dict[int, object]) -> None:
    """A process in a group of its own is interrupted by Ctrl-Break, which it takes as Ctrl-C."""
    process = Sent()
    processes.interrupt(process)  # type: ignore[arg-type]
    processes.listen()
    assert processes.apart() == {"creationflags": _NEW_GROUP}
    assert process.signals == [_CTRL_BREAK]
    assert set(windows) == {signal.SIGINT, signal.SIGTERM, 21}


def test_a_kernel_under_windows(windows: dict[int, object]) -> None:
    """ZeroMQ has no sockets in files there: the kernel is spoken to by ports."""
    assert sockets.by_sockets_in("/tmp/x") == {}


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_ends_with_its_parent_on_linux_alone(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere nothing is asked of the system: it has no such call, and numbers of its own."""
    monkeypatch.setattr(sys, "platform", platform)
    processes.end_with(parent=-1)


def test_ends_at_once_without_its_parent() -> None:
    """Under Linux a process whose parent has ended meanwhile ends as well."""
    code = "from labkernel.cli import processes; processes.end_with(1 << 30)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1


def test_interrupted_elsewhere() -> None:
    """Elsewhere it is SIGINT, for a process in a session of its own."""
    process = Sent()
    processes.interrupt(process)  # type: ignore[arg-type]
    assert (process.signals, processes.apart()) == ([signal.SIGINT], {"start_new_session": True})
