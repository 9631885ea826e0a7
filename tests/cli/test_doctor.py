"""The doctor on machines that can't run the labs: real ones, made by namespaces."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, Run

pytestmark = pytest.mark.backend

MACHINE = [sys.executable, str(Path(__file__).with_name("machine.py"))]
RANGE = "nobody:100000:65536\n"
NO_NAMESPACES = ["--no-namespaces", "--subids", RANGE]
NO_RANGE = ["--subids", "nobody:100000:1000\n"]
NO_POWER = ["--root"]

Elsewhere = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def elsewhere(environment: dict[str, str]) -> Elsewhere:
    """Run a command of labkernel on another machine."""

    def run(machine: list[str], *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        whole = [*MACHINE, *machine, "--", *COMMAND, *words]
        options: dict[str, Any] = {
            "capture_output": True,
            "text": True,
            "timeout": 60,
            "env": environment | env,
        }
        return subprocess.run(whole, check=False, **options)

    return run


def facts(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts of a report by name."""
    return {fact["name"]: fact for fact in report["facts"]}


def backend(report: dict[str, Any], name: str = "namespaces") -> dict[str, Any]:
    """What a report says of a backend."""
    return next(each for each in report["backends"] if each["name"] == name)


def test_this_machine_runs_every_lab(labkernel: Run) -> None:
    """Where everything is there, every lab is able on namespaces, and the exit code is 0."""
    subprocess.run([*COMMAND, "image", "build"], check=True, capture_output=True)
    ended = labkernel("doctor", "--json")
    report = json.loads(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert report["able"]
    assert backend(report)["able"]
    assert all(each["able"] for each in report["labs"])
    assert {"tiny", "start"} <= {lab["name"] for lab in report["labs"]}
    assert facts(report)["a node, for trial"]["ok"]


@pytest.mark.parametrize(
    ("machine", "why", "remedy"),
    [
        (NO_NAMESPACES, "user.max_user_namespaces = 0", "sudo sysctl user.max_user_namespaces"),
        (NO_RANGE, "user nobody has no 65536 subordinate ids", "sudo usermod --add-subuids"),
        (NO_POWER, "Operation not permitted", "in a container: --privileged"),
    ],
    ids=["no user namespaces", "no subordinate ids", "root without power"],
)
def test_what_stands_in_the_way(
    elsewhere: Elsewhere, machine: list[str], why: str, remedy: str
) -> None:
    """Where namespaces can't be made, they and the labs are not able, with why and the remedy."""
    ended = elsewhere(machine, "doctor", "--json")
    report = json.loads(ended.stdout)
    assert (ended.returncode, report["able"]) == (3, False)
    for each in [backend(report), *report["labs"]]:
        assert not each["able"]
        assert why in each["why"]
        assert remedy in each["remedy"]
    wrong = [fact for fact in report["facts"] if not fact["ok"]]
    assert "user namespaces" in {fact["name"] for fact in wrong}
    assert all(fact["remedy"] for fact in wrong)


def test_every_no_comes_with_its_remedy(elsewhere: Elsewhere) -> None:
    """Programs that are not installed are named, with the package that has them."""
    ended = elsewhere(["--subids", RANGE], "doctor", "--json", PATH="/nowhere")
    found = facts(json.loads(ended.stdout))
    assert ended.returncode == 3
    assert found["newuidmap"]["remedy"] == "sudo apt-get install uidmap"
    assert (
        found["tools that build images"]["remedy"]
        == "sudo apt-get install mmdebstrap util-linux bash tar"
    )
    assert "newuidmap could not write" in found["user namespaces"]["value"]


def test_for_people(elsewhere: Elsewhere) -> None:
    """Without --json it prints the same for people, without control codes where none belong."""
    ended = elsewhere(NO_NAMESPACES, "doctor")
    assert "backend namespaces: not able: user namespaces are not allowed" in ended.stdout
    assert "    Try: sudo sysctl user.max_user_namespaces=15000\n" in ended.stdout
    assert "\x1b" not in ended.stdout


def test_up_says_why_not(elsewhere: Elsewhere, runtime_directory: Path) -> None:
    """A lab that this machine can't run gives one sentence with the remedy, and exit code 3."""
    ended = elsewhere(NO_NAMESPACES, "up", "tiny")
    assert ended.returncode == 3
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("labkernel: The namespaces backend can't run here: ")
    assert last.endswith("Try: sudo sysctl user.max_user_namespaces=15000.")
    assert list(runtime_directory.rglob("*.sock")) == []


def test_run_says_not_run(elsewhere: Elsewhere) -> None:
    """A lab that can't run here is "not run", with the reason, not failed; exit code 3."""
    ended = elsewhere(NO_RANGE, "run", "tiny", "--json")
    (lab,) = json.loads(ended.stdout)["labs"]
    assert (ended.returncode, lab["result"]) == (3, "not run")
    assert "subordinate ids" in lab["why"]
    assert lab["steps"] == []


def test_images_that_are_not_built(elsewhere: Elsewhere, tmp_path: Path) -> None:
    """An image that is not built stands in the way of its labs, with the command that builds it."""
    ended = elsewhere(["--root"], "doctor", "--json", XDG_CACHE_HOME=str(tmp_path))
    found = facts(json.loads(ended.stdout))
    assert found["image base"]["value"] == "not built"
    assert found["image base"]["remedy"] == "labkernel image build base"
