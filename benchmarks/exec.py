"""A command on a node: /bin/true by every way there is, beside a bare posix_spawn of it.

``python benchmarks/exec.py [--json] [--rounds N]``; what is compared is in README.md.
"""

import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from common import HERE, OURS, Missing, Report, Target, need, options, turns
from confine import confined
from conversation import descendants

if TYPE_CHECKING:
    from paramiko import Transport

Run = Callable[[], None]
WAYS = (OURS, "posix_spawn", "nsenter", "ip netns exec", "paramiko")
TARGETS = (Target("posix_spawn", 1.5, 0.001),)
TRUE = "/bin/true"


def main() -> int:
    parser = options(__doc__, rounds=200)
    parser.add_argument("--ways", default=",".join(WAYS), help="(default: %(default)s)")
    given = parser.parse_args()
    report = Report("exec", WAYS)
    samples: dict[str, list[float]] = {}
    with ExitStack() as stack:
        ways = _ways(given.ways.split(","), stack, report)
        for way, seconds in turns(ways, given.rounds, 60, report, "true"):
            samples.setdefault(way, []).append(seconds)
    report.add("true", samples, TARGETS)
    report.show(given.json)
    return 0


def _ways(names: list[str], stack: ExitStack, report: Report) -> dict[str, Callable[[], float]]:
    """What runs the command by each way, ready to be measured; what is missing is noted."""
    from labkernel.errors import LabError

    makers = {
        OURS: _ours,
        "posix_spawn": _posix_spawn,
        "nsenter": _nsenter,
        "ip netns exec": _ip_netns_exec,
        "paramiko": _paramiko,
    }
    made = {}
    for name in WAYS:
        try:
            if name not in names:
                raise Missing("left out by --ways")
            made[name] = _timed(stack.enter_context(makers[name]()))
        except (Missing, LabError) as why:
            report.missing(name, why)
    return made


def _timed(run: Run) -> Callable[[], float]:
    run()  # once before, so that each way's first time is not among the samples

    def timed() -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    return timed


@contextmanager
def _ours() -> Iterator[Run]:
    from labkernel import Lab, Node, RunningLab

    lab = Lab("exec", [Node("n1")])
    name = f"exec-{os.getpid()}"
    with RunningLab(lab, "namespaces", instance=name, options={"linger": 0}) as running:
        yield lambda: _must_be(0, running.run("n1", ["true"]).exit_code)


@contextmanager
def _posix_spawn() -> Iterator[Run]:
    yield lambda: _spawn([TRUE])


def _spawn(words: list[str]) -> None:
    pid = os.posix_spawn(words[0], words, os.environ)
    _must_be(0, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _must_be(expected: int, code: int) -> None:
    if code != expected:
        raise Missing(f"ended with exit code {code}")


@contextmanager
def _nsenter() -> Iterator[Run]:
    """Into every namespace of a process that holds some."""
    nsenter = need("nsenter", "util-linux")
    user = ["--user", "--preserve-credentials"] if os.geteuid() else []
    with _process(confined(["cat"])) as holder:
        _ask(holder, "there?")
        target = str(max(descendants(holder.pid)))
        words = [nsenter, "-t", target, *user, "-n", "-m", "-u", "-i", "-p", TRUE]
        yield lambda: _spawn(words)


@contextmanager
def _ip_netns_exec() -> Iterator[Run]:
    """By iproute2; in a mount namespace that `ip netns add` may write to, hence a process there."""
    ip = need("ip", "iproute2")
    with _process(confined([sys.executable, str(HERE / "ways/with_netns.py"), ip])) as helper:
        yield lambda: _must_be(0, int(_ask(helper, "run")))


@contextmanager
def _paramiko() -> Iterator[Run]:
    """By SSH on a connection that is open already, to a server of our own on the loopback."""
    import paramiko

    with (
        tempfile.TemporaryDirectory(prefix="exec-") as folder,
        _server(Path(folder)) as sock,
        paramiko.Transport(sock) as transport,
    ):
        transport.connect(
            username=pwd.getpwuid(os.geteuid()).pw_name,
            pkey=paramiko.Ed25519Key.from_private_key_file(f"{folder}/user"),
        )
        yield lambda: _must_be(0, _by_ssh(transport))


def _by_ssh(transport: "Transport") -> int:
    with transport.open_session() as channel:
        channel.exec_command(TRUE)
        return channel.recv_exit_status()


@contextmanager
def _server(folder: Path) -> Iterator[socket.socket]:
    """A connection to an sshd that serves only it; nothing goes on listening."""
    sshd, keygen = need("sshd", "openssh-server"), need("ssh-keygen", "openssh-client")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    config = folder / "sshd_config"
    config.write_text(
        f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nStrictModes no\n"
        "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
    )
    words = [sshd, "-i", "-f", str(config)]
    if os.geteuid() == 0:
        # an empty home directory: bash would run the ~/.bashrc of this machine before each command
        words = confined(["sh", "-c", 'mount -t tmpfs tmpfs "$HOME" && exec "$@"', "sh", *words])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    for end in (ours, theirs):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with ours, theirs, _process(words, theirs.fileno()):
        theirs.close()
        yield ours


@contextmanager
def _process(
    words: list[str], stream: int = subprocess.PIPE
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(words, stdin=stream, stdout=stream)
    try:
        yield process
    finally:
        process.kill()  # and with it, by the kernel, what it has confined
        process.communicate()


def _ask(process: "subprocess.Popen[bytes]", word: str) -> bytes:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{word}\n".encode())
    process.stdin.flush()
    if not (answer := process.stdout.readline()):
        raise Missing("its process ended early")
    return answer


if __name__ == "__main__":
    sys.exit(main())
