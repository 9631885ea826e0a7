"""What a node prints is data: to a terminal, to a CI server, to whoever reads JSON or JUnit."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from labkernel.cli.quoting import Quote, line, safe
from tests.cli.conftest import (  # noqa: F401  fixtures
    COMMAND,
    Run,
    base_image,
    drained,
    labkernel,
    labs_directory,
    notebook,
    runtime_directory,
)

#: what GitHub, Azure, TeamCity, GitLab and Buildkite take for commands, where they look for it
COMMANDS = [
    "::error::x",
    "  ::add-mask::x",
    "\t::set-env name=PATH::x",
    "##[error]x",
    "a ##[set-env name=PATH]x",
    "##vso[task.setvariable variable=PATH]x",
    "a ##vso[task.complete result=Succeeded]",
    "####vso[task.complete]",
    "##teamcity[buildStop comment='x']",
    "section_start:1:x\r\x1b[0K",
    "+++ x",
]
#: clipboard, title, link, colour, screen, C1's CSI and OSC, a bell, a turn, an isolate, a NUL
SEQUENCES = (
    "\x1b]52;c;ZXZpbA==\x07 \x1b]0;title\x1b\\ \x1b]8;;http://x\x1b\\ \x1b[31m \x1bc \x1b[2J "
    "\x9b31m \x9d0;t\x9c \x07 \u202eabc \u2066x \u2069 \x00 \x7f \x85 \u2028 \x0b \x0c"
)
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_FOUND = re.compile(r"^\s*::|^section_|^\+\+\+|##\w*\[", re.MULTILINE)

LAB = f"""
from labkernel import Lab, Node
from labkernel.errors import AuthorError, CheckFailed, LabError

SAID = {chr(10).join(COMMANDS)!r} + chr(10) + {SEQUENCES!r} + chr(10)

def saw(attempt):
    return "it printed " + attempt.output

def fail(attempt):
    raise CheckFailed("expected other than " + SAID, "but got " + SAID, "Try " + SAID)

def err(attempt):
    raise LabError(SAID)

def wrong(attempt):
    return ("a tuple", SAID)

def crash(attempt):
    raise ValueError(SAID)

def exits(attempt):
    raise SystemExit(0)

lab = Lab("hostile", [Node("one")])
run = "base64 -d <<< " + __import__("base64").b64encode(SAID.encode()).decode()
for check in (saw, fail, err, wrong, crash, exits):
    lab.step(check.__name__, check.__name__, on="one", run=run, check=check, wrong="true")
first, second, third, fourth, fifth, sixth = lab.steps
"""


@pytest.fixture
def environment(labs_directory: Path, runtime_directory: Path, tmp_path: Path) -> dict[str, str]:  # noqa: F811
    """The environment of the commands, with a lab whose node prints all of that."""
    place = tmp_path / "labs"
    place.mkdir()
    (place / "hostile.py").write_text(LAB)
    (tmp_path / "tmp").mkdir()
    return os.environ | {
        "LABKERNEL_LABS": str(place),
        "XDG_RUNTIME_DIR": str(runtime_directory),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def is_harmless(text: str) -> None:
    """Neither a terminal nor a CI server does anything of it."""
    assert not _OBEYED.search(text), ascii(text)
    assert not _FOUND.search(text), ascii(text)


@pytest.mark.backend
@pytest.mark.parametrize("step", range(1, 7))
def test_do(labkernel: Run, step: int) -> None:  # noqa: F811
    """`do` prints a node's output, the verdict, and what the check has taken over from the node."""
    try:
        ended = labkernel("do", "hostile", str(step))
    finally:
        labkernel("down", "--all")
    assert ended.returncode == (0 if step == 1 else 1), ended.stderr
    assert "error" in ended.stdout
    is_harmless(ended.stdout)
    is_harmless(ended.stderr)


@pytest.mark.backend
def test_do_on_a_terminal(environment: dict[str, str]) -> None:
    """A terminal that is really one gets none of it either."""
    master, slave = pty.openpty()
    words = [*COMMAND, "do", "hostile", "2"]
    with subprocess.Popen(words, env=environment, stdout=slave, stderr=slave) as process:
        os.close(slave)
        seen = drained(master)
        process.wait(60)
    os.close(master)
    subprocess.run([*COMMAND, "down", "--all"], env=environment, check=True)
    for part in ("\x1b]", "\x1bc", "\x9b", "\x9d", "\x07", "\u202e", "\u2066", "\x1b[31m"):
        assert part not in seen
    assert "Not yet: " in seen


@pytest.fixture
def run_step(labkernel: Run, environment: dict[str, str], tmp_path: Path) -> Callable[..., Any]:  # noqa: F811
    """Runs the notebook that shows the lab's steps up to one; with options of `run`."""

    def run(name: str, *options: str) -> "subprocess.CompletedProcess[str]":
        place = tmp_path / "labs"
        cells = ["show(hostile.lab)", f"show(hostile.{name})"]
        begin = "from labkernel.labs import hostile\nfrom labkernel.notebook import begin, show\n"
        sources = ["backend = ''\nrun_steps = False", f"{begin}begin(backend, run_steps)", *cells]
        (place / "01-hostile.ipynb").write_text(json.dumps(notebook(sources)))
        return labkernel("run", "hostile", *options)

    return run


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["second", *(pytest.param(n, marks=pytest.mark.rare) for n in ("fourth", "sixth"))]
)
def test_run(run_step: Callable[..., Any], tmp_path: Path, name: str) -> None:
    """`run` tells a failure as a table, as JSON that says the same, and as JUnit; a check that says
    neither yes nor no is a failure in each of them."""
    junit = tmp_path / "junit.xml"
    ended = run_step(name, "--json", "--junit", str(junit))
    assert ended.returncode == 1
    is_harmless(ended.stdout)
    is_harmless(ended.stderr)
    (lab,) = json.loads(ended.stdout)["labs"]
    place = ["first", "second", "third", "fourth", "fifth", "sixth"].index(name)
    assert lab["steps"][place]["passed"] is False, lab["why"]
    assert lab["step"] == lab["steps"][place]["name"]
    failure = ET.parse(junit).getroot().find(".//failure")
    assert failure is not None
    if name != "second":
        assert "That is a mistake of the lab" in lab["why"]
        assert "That is a mistake of the lab" in str(failure.get("message"))
        return
    told = run_step(name)
    assert told.returncode == 1
    is_harmless(told.stdout)
    is_harmless(told.stderr)
    assert f'step "{lab["step"]}" failed.' in told.stdout


def test_json_says_what_was_said() -> None:
    """What JSON must not show as it stands is escaped, and read as it was."""
    program = (
        "import sys, json; from labkernel.cli.terminal import print_json; "
        "print_json(json.load(sys.stdin))"
    )
    given = ["##vso[x]", "####[", SEQUENCES, "\\##", "ä–☃", "\ud800"]
    for encoding in ("utf-8", "cp1252", "ascii"):
        said = subprocess.run(
            [*COMMAND[:1], "-c", program], input=json.dumps(given), capture_output=True, check=True,
            text=True, encoding=encoding, env=os.environ | {"PYTHONIOENCODING": encoding},
        ).stdout  # fmt: skip
        is_harmless(said)
        assert json.loads(said) == given


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_quotes_in_pieces(size: int) -> None:
    """However output is cut into pieces, what is told is harmless, and each line is there."""
    text = "\n".join([*COMMANDS, SEQUENCES, "ä" * 200_000, "last"])
    quote = Quote()
    told = "".join(quote.take(text[at : at + size]) for at in range(0, len(text), size))
    told += quote.end()
    is_harmless(told)
    assert all(each.startswith("|") for each in told.splitlines())
    assert told.count("ä") == 200_000
    assert told.endswith("| last\n")


@pytest.mark.parametrize("text", COMMANDS)
def test_texts_of_ours(text: str) -> None:
    """A text of ours with a node's words in it, at its start or in its middle, is harmless."""
    for each in (text, f"seen: {text}", f"seen:\n{text}\n{text}", f"{SEQUENCES}{text}"):
        is_harmless(safe(each))
        is_harmless(line(each))
        assert "\n" not in line(each)


WORDS = [
    ["--help"],
    ["doctor"],
    ["list"],
    ["list", "--json"],
    ["steps", "anyip"],
    ["status"],
    ["image", "list"],
    ["run", "nothing"],
    ["do", "hostile", "1"],
    ["run", "tiny"],
]


@pytest.mark.backend
@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(e, marks=pytest.mark.rare) for e in ("cp1252", "latin-1"))]
)
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_other_encodings(
    labkernel: Run,  # noqa: F811
    environment: dict[str, str],
    labs_directory: Path,  # noqa: F811
    words: list[str],
    encoding: str,
) -> None:
    """What standard output can't write is replaced, and ends no command."""
    for file in labs_directory.glob("*tiny*"):
        (Path(environment["LABKERNEL_LABS"]) / file.name).write_bytes(file.read_bytes())
    env = environment | {"PYTHONIOENCODING": encoding}
    ended = labkernel(*words, env=env, encoding=encoding)
    assert "UnicodeEncodeError" not in ended.stderr
    assert "Traceback" not in ended.stderr
    allowed = {"run nothing": (2,), "doctor": (0, 3)}.get(" ".join(words), (0,))
    assert ended.returncode in allowed, ended.stderr
    assert ended.stdout + ended.stderr
    if words[0] == "do":
        labkernel("down", "--all")
