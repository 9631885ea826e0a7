"""The contract of commands on nodes, for every backend; each test is one behaviour."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from labkernel.backends.base import Backend
from labkernel.command import Result
from labkernel.errors import BackendError


class CommandContract:
    """Subclass it, and give it a fixture ``backend`` of class scope that has a node alpha (and
    bravo, which may be the same machine); where that is emulated, smaller numbers will do."""

    #: bytes of the longest output, and how many commands end in one moment with their timeouts
    huge: ClassVar[int] = 100_000_000
    hurried: ClassVar[int] = 400

    def test_exit_code_and_output(self, backend: Backend) -> None:
        """A command's exit code and both its streams come back, in order."""
        result = backend.run("alpha", "echo one; echo two >&2; echo three; exit 7")
        assert (result.exit_code, result.output) == (7, "one\ntwo\nthree\n")

    def test_killed_by_signal(self, backend: Backend) -> None:
        """A command that a signal ends has 128 plus its number as exit code, as in a shell."""
        assert backend.run("alpha", "kill -KILL $$").exit_code == 137

    def test_quotes_and_newlines(self, backend: Backend) -> None:
        """A command with quotes, newlines and a backslash runs as it is written."""
        command = "for w in 'a b' \"c\"; do\n  printf '%s|' \"$w\" 'd\\e' $'f\\ng'\ndone"
        assert backend.run("alpha", command).output == "a b|d\\e|f\ng|c|d\\e|f\ng|"

    def test_words_run_without_a_shell(self, backend: Backend) -> None:
        """A command given as words is not read by a shell."""
        assert backend.run("alpha", ["echo", "$HOME; *", "x  y"]).output == "$HOME; * x  y\n"

    def test_unknown_command(self, backend: Backend) -> None:
        """A command that is not there ends with 127 and says its name."""
        result = backend.run("alpha", ["no-such-command"])
        assert result.exit_code == 127
        assert "no-such-command" in result.output

    def test_a_command_that_can_not_be(self, backend: Backend) -> None:
        """An invalid command is refused in a sentence, and does not affect the node."""
        for command in ("a\0b", "\ud800", [], [""], ["", "x"], ["ls", "a\0b"], ["ls", "\udfff"]):
            with pytest.raises(BackendError, match=r"^alpha: a command "):
                backend.run("alpha", command)
        assert backend.run("alpha", ["printf", "%s", "\udcff"]).output == "\ufffd"

    def test_standard_input(self, backend: Backend) -> None:
        """Standard input arrives, and then ends."""
        data = b"x" * 300_000
        assert backend.run("alpha", "wc -c", stdin=data).output.strip() == "300000"

    def test_no_standard_input(self, backend: Backend) -> None:
        """Without standard input a command that reads sees its end at once."""
        assert backend.run("alpha", "cat; echo end", timeout=60).output == "end\n"

    def test_streams_as_it_comes(self, backend: Backend) -> None:
        """A line is delivered while the command still runs."""
        came = threading.Event()
        seen: list[str] = []

        def take(text: str) -> None:
            seen.append(text)
            if "first" in "".join(seen) and not came.is_set():
                came.set()
                backend.run("alpha", "touch /tmp/seen")

        command = "echo first; until [ -e /tmp/seen ]; do sleep 0.01; done; rm /tmp/seen; echo last"
        assert backend.run("alpha", command, take, timeout=20).exit_code == 0
        assert "".join(seen) == "first\nlast\n"

    def test_binary_output(self, backend: Backend) -> None:
        """Bytes that are not UTF-8 become replacement characters, the rest is kept."""
        result = backend.run("alpha", r"printf 'a\377\376b\000c\303\244'")
        assert result.output == "a\ufffd\ufffdb\0cä"

    def test_huge_output(self, backend: Backend) -> None:
        """The beginning and the end of huge output are kept; the omitted characters are counted."""
        result = backend.run(
            "alpha", f"echo begin; yes | head -c {self.huge}; echo end", timeout=120
        )
        assert result.output.startswith("begin\n")
        assert result.output.endswith("end\n")
        assert len(result.output) < 3_000_000
        assert result.truncated > self.huge - 2_000_000

    def test_timeout(self, backend: Backend) -> None:
        """A command that never ends is stopped, and what it printed is kept."""
        result = _overdue(backend, "echo waiting; sleep 1000")
        assert (result.timed_out, result.output) == (True, "waiting\n")
        assert not backend.run("alpha", "pgrep -x sleep").ok

    def test_timeout_of_the_stubborn(self, backend: Backend) -> None:
        """A command that ignores the polite signals is killed."""
        command = "trap '' INT TERM; echo waiting; while :; do sleep 0.05; done"
        result = _overdue(backend, command)
        assert (result.timed_out, result.exit_code) == (True, 137)

    def test_timeout_at_the_very_end(self, backend: Backend) -> None:
        """A timeout in the moment in which a command ends by itself does no harm to the node."""
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(backend.run, "alpha", ["sleep", "0.02"], None, 0.0195 + n % 20 * 0.0002)
                for n in range(self.hurried)
            ]
            assert {job.result().exit_code for job in jobs} <= {0, 143}

    def test_stop(self, backend: Backend) -> None:
        """Stopping from another thread interrupts what runs, as Ctrl-C would."""
        with ThreadPoolExecutor() as pool:
            started = threading.Event()
            command = "echo up; exec sleep 1000"
            future = pool.submit(backend.run, "alpha", command, lambda _: started.set(), 120)
            assert started.wait(60)
            backend.stop()
            result = future.result(60)
        assert (result.exit_code, result.timed_out, result.output) == (130, False, "up\n")

    def test_background_process(self, backend: Backend) -> None:
        """A background process continues, and the command does not wait for it."""
        result = backend.run("alpha", "sleep 300 & echo started", timeout=60)
        assert (result.timed_out, result.output) == (False, "started\n")
        assert backend.run("alpha", "until pkill -x sleep; do :; done", timeout=60).ok

    def test_orphans_are_reaped(self, backend: Backend) -> None:
        """Orphaned processes do not stay behind as zombies."""
        backend.run("alpha", "(true & true &) ; (sleep 0.01 &)")
        zombies = "while ps -o stat= --ppid 1 | grep -q ^Z; do sleep 0.01; done"
        assert backend.run("alpha", zombies, timeout=60).ok

    def test_many_at_once(self, backend: Backend) -> None:
        """Commands of several threads run at the same time and keep their output apart."""
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(backend.run, "alpha" if n % 2 else "bravo", f"sleep 0.05; echo {n}")
                for n in range(40)
            ]
            assert [job.result().output for job in jobs] == [f"{n}\n" for n in range(40)]


def _overdue(backend: Backend, command: str) -> Result:
    """The result of a command that first prints something, at the shortest timeout after that: its
    start may be slow."""
    for timeout in (0.3, 1, 3, 10, 30):
        result = backend.run("alpha", command, timeout=timeout)
        if result.output:
            break
    return result
