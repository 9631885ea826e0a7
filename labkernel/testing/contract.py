"""What every backend must do; each test is one behaviour."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from labkernel.backends.base import Backend
from labkernel.errors import BackendError
from labkernel.topology import Link, Node, Topology

CONTRACT_TOPOLOGY = Topology(
    "contract",
    (Node("alpha"), Node("bravo", forwards=True, memory=16)),
    (
        Link("lan", "alpha:eth0", "bravo:eth0", prefix=["2001:db8::/64", "192.0.2.0/24"]),
        Link("dmz", "bravo:eth1", "alpha:eth1", addresses={"alpha:eth1": ["2001:db8:1::53/64"]}),
    ),
)

MakeBackend = Callable[..., Backend]


class BackendContract:
    """Subclass it, and give it a fixture ``make_backend`` of class scope: a function of an
    instance's name (with a default) that returns a new backend for it."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, make_backend: MakeBackend) -> Iterator[Backend]:
        """The contract's lab, up; the tests of a class share it."""
        backend = make_backend()
        backend.up(CONTRACT_TOPOLOGY)
        yield backend
        backend.down()

    def test_requirements_are_met(self, make_backend: MakeBackend) -> None:
        """A backend that is claimed to be tested can run here."""
        make_backend().require()

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

    def test_standard_input(self, backend: Backend) -> None:
        """What is given as standard input arrives, and then ends."""
        data = b"x" * 300_000
        assert backend.run("alpha", "wc -c", stdin=data).output.strip() == "300000"

    def test_no_standard_input(self, backend: Backend) -> None:
        """Without standard input a command that reads sees its end at once."""
        assert backend.run("alpha", "cat; echo end", timeout=10).output == "end\n"

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
        """Of 100 MB the beginning and the end are kept, and what was left out is counted."""
        result = backend.run("alpha", "echo begin; yes | head -c 100000000; echo end", timeout=120)
        assert result.output.startswith("begin\n")
        assert result.output.endswith("end\n")
        assert len(result.output) < 3_000_000
        assert result.left_out > 98_000_000

    def test_timeout(self, backend: Backend) -> None:
        """A command that never ends is stopped, and what it printed is kept."""
        result = backend.run("alpha", "echo waiting; sleep 1000", timeout=0.3)
        assert result.timed_out
        assert result.output == "waiting\n"
        assert not backend.run("alpha", "pgrep -x sleep").ok

    def test_timeout_of_the_stubborn(self, backend: Backend) -> None:
        """A command that ignores the polite signals is killed."""
        result = backend.run("alpha", "trap '' INT TERM; while :; do sleep 0.05; done", timeout=0.3)
        assert (result.timed_out, result.exit_code) == (True, 137)

    def test_timeout_at_the_very_end(self, backend: Backend) -> None:
        """A timeout in the moment in which a command ends by itself does no harm to the node."""
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(backend.run, "alpha", ["sleep", "0.02"], None, 0.0195 + n % 20 * 0.0002)
                for n in range(400)
            ]
            assert {job.result().exit_code for job in jobs} <= {0, 143}

    def test_stop(self, backend: Backend) -> None:
        """Stopping from another thread interrupts what runs, as Ctrl-C would."""
        with ThreadPoolExecutor() as pool:
            started = threading.Event()
            command = "echo up; exec sleep 1000"
            future = pool.submit(backend.run, "alpha", command, lambda _: started.set(), 30)
            assert started.wait(20)
            backend.stop()
            result = future.result(20)
        assert (result.exit_code, result.timed_out, result.output) == (130, False, "up\n")

    def test_background_process(self, backend: Backend) -> None:
        """What a command leaves in the background is not waited for and goes on."""
        result = backend.run("alpha", "sleep 300 & echo started", timeout=60)
        assert (result.timed_out, result.output) == (False, "started\n")
        assert backend.run("alpha", "until pkill -x sleep; do :; done", timeout=10).ok

    def test_orphans_are_reaped(self, backend: Backend) -> None:
        """Orphaned processes do not stay behind as zombies."""
        backend.run("alpha", "(true & true &) ; (sleep 0.01 &)")
        zombies = "until ! grep -qs '^State:.Z' /proc/[0-9]*/status; do sleep 0.01; done"
        assert backend.run("alpha", zombies, timeout=10).ok

    def test_many_at_once(self, backend: Backend) -> None:
        """Commands of several threads run at the same time and keep their output apart."""
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(backend.run, "alpha" if n % 2 else "bravo", f"sleep 0.05; echo {n}")
                for n in range(40)
            ]
            assert [job.result().output for job in jobs] == [f"{n}\n" for n in range(40)]

    def test_host_names(self, backend: Backend) -> None:
        """Each node has its own name."""
        assert backend.run("alpha", "hostname").output == "alpha\n"
        assert backend.run("bravo", "hostname").output == "bravo\n"

    def test_links(self, backend: Backend) -> None:
        """Nodes reach each other at their declared addresses, of both families, and by name."""
        for target in ("2001:db8::2", "192.0.2.2", "bravo"):
            assert backend.run("alpha", ["ping", "-c1", "-W2", target]).ok

    def test_declared_addresses(self, backend: Backend) -> None:
        """Interfaces have the declared names, MAC addresses and addresses."""
        for port in CONTRACT_TOPOLOGY.ports:
            shown = backend.run(port.node, ["ip", "address", "show", "dev", port.name]).output
            assert port.mac in shown
            assert all(str(address) in shown for address in port.addresses)

    def test_forwarding(self, backend: Backend) -> None:
        """A router forwards, a host does not."""
        read = "cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv4/ip_forward"
        assert backend.run("bravo", read).output == "1\n1\n"
        assert backend.run("alpha", read).output == "0\n0\n"

    def test_no_way_out(self, backend: Backend) -> None:
        """A lab has no route to anywhere but its own links."""
        assert "default" not in backend.run("alpha", "ip route; ip -6 route").output
        assert not backend.run("alpha", ["ping", "-c1", "-W1", "2620:fe::fe"]).ok

    def test_files_are_apart(self, backend: Backend) -> None:
        """What one node writes no other node sees, and system directories can be written."""
        assert backend.run(
            "alpha",
            "echo hello > /etc/motd && rm -r /usr/share/bash-completion; "
            "mkdir -p /usr/share/x && mv /usr/share/x /usr/share/y",
        ).ok
        assert "hello" not in backend.run("bravo", "cat /etc/motd").output

    def test_full_file_system(self, backend: Backend) -> None:
        """A node whose files have filled its memory says so, and works on once there is room."""
        full = backend.run("bravo", "dd if=/dev/zero of=/root/fill bs=1M count=64")
        assert full.exit_code == 1
        assert "No space left on device" in full.output
        assert backend.run("bravo", "rm /root/fill && echo ok > /root/x && cat /root/x").ok

    def test_daemon_survives_its_step(self, backend: Backend) -> None:
        """A server that a command starts serves the commands that follow."""
        assert backend.run("bravo", "nginx").ok
        fetch = "until curl -sf -o /dev/null http://[2001:db8::2]/; do sleep 0.02; done"
        assert backend.run("alpha", fetch, timeout=20).ok
        assert backend.run("bravo", "nginx -s stop").ok

    def test_unknown_node(self, backend: Backend) -> None:
        """A node that is not in the lab is refused by name."""
        with pytest.raises(BackendError, match="zulu"):
            backend.run("zulu", "true")

    def test_up_again_attaches(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A second start of the same lab finds the first one, with all that happened there."""
        backend.run("alpha", "echo kept > /root/kept")
        other = make_backend()
        other.up(CONTRACT_TOPOLOGY)
        assert other.run("alpha", "cat /root/kept").output == "kept\n"

    def test_memo(self, backend: Backend, make_backend: MakeBackend) -> None:
        """What is noted down in a running lab can be read by who attaches to it."""
        backend.write_memo({"passed": ["one"]})
        other = make_backend()
        other.up(CONTRACT_TOPOLOGY)
        assert other.read_memo() == {"passed": ["one"]}

    def test_another_declaration(self, backend: Backend, make_backend: MakeBackend) -> None:
        """A lab that runs with an earlier declaration is not taken for the present one."""
        changed = Topology("contract", (Node("alpha"),))
        with pytest.raises(BackendError, match="earlier declaration"):
            make_backend().up(changed)

    def test_shell(self, backend: Backend) -> None:
        """The shell command opens a shell on the node."""
        done = subprocess.run(
            backend.shell("bravo"), input=b"hostname; exit 5\n", capture_output=True, timeout=30
        )
        assert (b"bravo" in done.stdout, done.returncode) == (True, 5)

    def test_down_ends_it(self, make_backend: MakeBackend) -> None:
        """After its end a lab does not run, ending it again does nothing, and it starts afresh."""
        backend = make_backend("another")
        backend.down()
        backend.up(CONTRACT_TOPOLOGY)
        backend.run("alpha", "touch /root/here")
        backend.down()
        assert not backend.is_up()
        backend.down()
        with pytest.raises(BackendError):
            backend.run("alpha", "true")
        backend.up(CONTRACT_TOPOLOGY)
        assert not backend.run("alpha", ["test", "-e", "/root/here"]).ok
        backend.down()
