"""`labkernel shell LAB NODE COMMAND` ends, whatever its node does, and each signal ends it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkernel.backends.namespaces import discovery
from tests.backends import inventory
from tests.cli.conftest import (  # noqa: F401  fixtures
    COMMAND,
    Run,
    base_image,
    environment,
    labkernel,
    labs_directory,
    runtime_directory,
)

pytestmark = pytest.mark.backend

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
# one file for both of its streams, or two: then its errors come by a FIFO on the node
STREAMS = {"one": subprocess.STDOUT, "two": subprocess.PIPE}

Begin = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def begin(labkernel: Run, environment: dict[str, str]) -> Iterator[Begin]:  # noqa: F811
    """Begins a command of the shell on a lab that runs; what is left of it is killed."""
    started = labkernel("up", "tiny")
    assert started.returncode == 0, started.stderr
    begun = []

    def shell(*words: str, errors: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        command = [*COMMAND, "shell", "tiny", "one", *words]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
        begun.append(process)
        return process

    yield shell
    for process in begun:
        process.kill()
        process.communicate()
    labkernel("down", "--all")


def _output(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("streams", STREAMS)
def test_a_signal(begin: Begin, streams: str) -> None:
    """A command that runs is ended, and the exit code tells by what, as a shell does; Ctrl-C is the
    command's own, and what it makes of it is the exit code."""
    for number in SIGNALS:
        process = begin("echo begun; exec sleep 600", errors=STREAMS[streams])
        assert _output(process) == b"begun\n"
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert begin("pgrep -x sleep").wait(60) == 1
    script = "trap 'echo stopped; exit 5' INT; echo begun; while :; do sleep 0.1; done"
    process = begin(script, errors=STREAMS[streams])
    assert _output(process) == b"begun\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 5
    assert _output(process) == b"stopped\n"


@pytest.mark.parametrize("streams", STREAMS)
def test_a_command_that_ignores_signals(begin: Begin, streams: str) -> None:
    """A command that ignores them is killed, also when more of them come."""
    script = "trap '' INT TERM HUP; echo begun; while :; do sleep 0.1; done"
    process = begin(script, errors=STREAMS[streams])
    assert _output(process) == b"begun\n"
    for each in [*SIGNALS, *SIGNALS]:
        process.send_signal(each)
    assert process.wait(60) in {128 + each for each in SIGNALS} | {137}


def _replace(begin: Begin, program: str, by: str) -> None:
    """Have a program of the node be another one."""
    script = f"[ -e /usr/bin/{program}.own ] || mv /usr/bin/{program} /usr/bin/{program}.own; "
    script += f"printf '#!/bin/bash\\n%s\\n' '{by}' >/usr/bin/{program}; "
    script += f"chmod 755 /usr/bin/{program}"
    assert begin(script, errors=subprocess.STDOUT).wait(60) == 0


@pytest.mark.parametrize("program", ["mkfifo", "cat"])
@pytest.mark.rare
def test_a_node_that_makes_no_fifo(begin: Begin, program: str) -> None:
    """What waits for a way of the command's errors, which the node never gives, ends by any
    signal; where the node's programs have ended without giving one, that is a sentence."""
    for number in SIGNALS:
        _replace(begin, program, f"touch /run/{number}; exec sleep 600")
        process = begin("true")
        ready = f"until [ -e /run/{number} ]; do sleep 0.05; done"
        assert begin(ready, errors=subprocess.STDOUT).wait(60) == 0
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert begin("pgrep -x sleep", errors=subprocess.STDOUT).wait(60) == 1
    for by in ("exit 0", "exit 1", "echo nonsense"):
        _replace(begin, program, by)
        process = begin("true")
        _, said = process.communicate(timeout=60)
        (*_, last) = said.splitlines()
        assert process.returncode == 1
        assert last.startswith(b"labkernel: one: there is no way for what a command says")


def test_without_a_word_of_the_node(begin: Begin, labkernel: Run) -> None:  # noqa: F811
    """Where the node's agent stands still, before the command or meanwhile, one signal is enough;
    the lab ends when it is told to."""
    (supervisor,) = (int(line.split()[3]) for line in _rows(labkernel))
    agents = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    running = begin("echo begun; exec sleep 600")
    assert _output(running) == b"begun\n"
    for agent in agents:
        os.kill(int(agent), signal.SIGSTOP)
    waiting = begin("true")
    assert inventory.wait_until(lambda: _has_begun(waiting.pid))
    for process, number in ((running, signal.SIGTERM), (waiting, signal.SIGHUP)):
        process.send_signal(number)
    for process, number in ((running, signal.SIGTERM), (waiting, signal.SIGHUP)):
        assert process.wait(60) == 128 + number
    pidfd = os.pidfd_open(supervisor)
    assert labkernel("down", "--all").returncode == 0
    assert discovery.has_ended(pidfd, 20)


def _rows(labkernel: Run) -> list[str]:  # noqa: F811
    return labkernel("status").stdout.splitlines()[1:]


def _has_begun(pid: int) -> bool:
    """Whether it has begun a command: its thread is there."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
