"""`labkernel shell` as a part of a pipeline, and what is refused with a sentence."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import nbformat
import pytest
from nbclient import NotebookClient

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


#: runs a command, and gives octets
Raw = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def tiny(labkernel: Run) -> Iterator[Raw]:  # noqa: F811
    """Runs commands of the shell on a lab that runs, and gives octets."""
    started = labkernel("up", "tiny")
    assert started.returncode == 0, started.stderr

    def shell(*words: str, given: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        options = {"stdin": None, "input": given} if given is not None else {}
        raw = cast("Raw", labkernel)  # with text=False it is that
        return raw("shell", "tiny", "one", *words, text=False, **options)

    yield shell
    labkernel("down", "--all")


@pytest.fixture
def piped(tiny: Raw, environment: dict[str, str]) -> Raw:  # noqa: F811
    """The same with an input."""

    def shell(given: bytes, *words: str) -> "subprocess.CompletedProcess[bytes]":
        command = [*COMMAND, "shell", "tiny", "one", *words]
        return subprocess.run(
            command, env=environment, input=given, capture_output=True, timeout=60
        )

    return shell


def test_octets(tiny: Raw) -> None:
    """What a command prints comes out as it is, and what it says on standard error beside it."""
    ended = tiny("printf 'a\\377\\376\\000\\303b\\r\\n'; echo listening >&2; exit 3")
    assert (ended.stdout, ended.stderr) == (b"a\xff\xfe\0\xc3b\r\n", b"listening\n")
    assert ended.returncode == 3
    many = tiny("head -c 3000000 /dev/zero | tr '\\000' '\\377'")
    assert many.stdout == b"\xff" * 3_000_000


def test_a_capture(tiny: Raw) -> None:
    """A capture of tcpdump is one, whose magic number is its first (pcap-savefile(5))."""
    ready = "until grep -q listening /tmp/said; do sleep 0.01; done"
    ended = tiny(
        f"tcpdump -i lo -c 1 -U -w - 2>/tmp/said & {ready}; ping -c 1 ::1 >/dev/null; wait; "
        "cat /tmp/said >&2"
    )
    assert ended.stdout[:4] in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4")
    assert b"listening on lo" in ended.stderr


def test_input(piped: Raw) -> None:
    """With -i, before the node or after it, the command gets this command's input, and its end."""
    data = os.urandom(200_000)
    assert piped(data, "-i", "cat").stdout == data
    assert piped(data, "--stdin", "wc", "-c").stdout == b"200000\n"


def test_a_script(piped: Raw) -> None:
    """Without a command and without a terminal the shell reads its commands, and ends with them."""
    ended = piped(b"echo hello; exit 4\n")
    assert (ended.returncode, ended.stdout) == (4, b"hello\n")
    assert piped(b"").returncode == 0


def test_what_goes_on_in_the_background(tiny: Raw) -> None:
    """What holds on to a command's standard error is not waited for; no FIFO of ours is left."""
    assert tiny("sleep 300 & echo started").stdout == b"started\n"
    assert tiny("ls /run | grep labkernel-errors").stdout == b""
    assert tiny("pkill sleep").returncode == 0


def test_nobody_reads(tiny: Raw, environment: dict[str, str]) -> None:  # noqa: F811
    """Who stops reading ends the command, as in any pipeline."""
    words = [*COMMAND, "shell", "tiny", "one", "yes"]
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141
    assert tiny("pgrep -x yes").returncode == 1


def test_a_home_that_can_not_be_written_to(
    environment: dict[str, str],  # noqa: F811
    tmp_path: Path,
) -> None:
    """Where nothing can be written, that is one sentence, which says where and what to try."""
    env = {k: v for k, v in environment.items() if not k.startswith("XDG_")}
    env |= {"HOME": "/proc/self", "LABKERNEL_DEBUG": ""}
    for words in (["status"], ["up", "tiny"], ["do", "tiny", "1"], ["down", "--all"]):
        ended = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True)
        assert ended.returncode in (1, 3)
        assert ended.stderr.startswith("labkernel: ")
        assert len(ended.stderr.splitlines()) == 1
        assert "/proc/self" in ended.stderr
        assert "OSError" not in ended.stderr


def test_a_notebook_that_a_program_executes() -> None:
    """`jupyter execute`, which shows its cells to nobody, runs no step; each cell says so."""
    source = (
        "from labkernel.labs import start\nfrom labkernel import show\nshow(start.lab.steps[0])"
    )
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    env = {name: value for name, value in os.environ.items() if name != "LABKERNEL_AUTO"}
    NotebookClient(made, timeout=120).execute(env=env)
    said = "".join(
        out.get("text", "") for out in made.cells[0].outputs if out.get("name") == "stderr"
    )
    assert said.startswith("Not run: this notebook is executed by a program")
    assert "labkernel run start" in said
