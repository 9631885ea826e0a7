"""A command that is started with its input or its outputs closed (`labkernel … >&-`)."""

import itertools
import os
import subprocess
from pathlib import Path

import pytest

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

#: each of the three, and all of them together
CLOSED = [
    pytest.param(each, marks=[pytest.mark.rare] if len(each) == 2 else [])
    for count in (1, 2, 3)
    for each in itertools.combinations((0, 1, 2), count)
]
#: says in a file, whose name it is given, which files a command has in the end as its first three
PROGRAM = """
import os, sys
told = sys.argv.pop(1)
def tell():
    with open(told, "w") as file:
        print(*(os.readlink(f"/proc/self/fd/{number}") for number in range(3)), file=file)
from labkernel.cli import main
code = main()
tell()
sys.exit(code)
"""


@pytest.mark.parametrize("closed", CLOSED, ids=lambda each: "".join(map(str, each)))
def test_each_of_them(
    labkernel: Run,  # noqa: F811
    environment: dict[str, str],  # noqa: F811
    tmp_path: Path,
    closed: tuple[int, ...],
) -> None:
    """What is closed is nothing to read from or to write to, and no file that the command opens:
    it does what it is asked for, and what it says is where it belongs."""
    told = tmp_path / "told"
    commands = {
        ("status",): ("No lab runs.", 2),
        ("up", "tiny"): ("Next: labkernel shell tiny one", 2),
        ("shell", "tiny", "one", "-i", "cat; echo said"): ("said", 1),
        ("shell", "tiny", "one", "cat; echo wrong >&2"): ("wrong", 2),
        ("do", "tiny", "1"): ("hello", 1),
        ("run", "tiny"): ("passed", 1),
        ("down", "tiny"): ("tiny has ended.", 2),
    }
    for words, (text, stream) in commands.items():
        command = [COMMAND[0], "-c", PROGRAM, str(told), *words]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120,
            stdin=subprocess.DEVNULL, preexec_fn=lambda: [os.close(fd) for fd in closed],
        )  # fmt: skip
        assert ended.returncode == 0, ended
        found = {1: ended.stdout, 2: ended.stderr}
        if stream in closed:
            assert found[stream] == ""
        else:
            assert text in found[stream], words
        files = told.read_text().split()
        assert [files[number] for number in closed] == ["/dev/null"] * len(closed)
    assert labkernel("status").stderr == "No lab runs.\n"
