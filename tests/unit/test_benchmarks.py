"""Benchmarks print what their README declares; what they measure is nobody's assertion."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(name: str, *words: str) -> dict[str, Any]:
    command: list[str | Path] = [sys.executable, BENCHMARKS / name, "--json", *words]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def test_json_has_the_declared_form() -> None:
    """A row has its case, and for every way the median of its rounds in seconds."""
    printed = run("exec.py", "--ways", "posix_spawn", "--rounds", "3")
    assert printed["benchmark"] == "exec"
    assert {"cpu", "cores", "kernel", "python"} <= set(printed["machine"])
    (row,) = printed["rows"]
    assert row["case"] == "true"
    assert row["rounds"]["posix_spawn"] == 3
    assert row["peers"]["posix_spawn"] >= row["best"]["posix_spawn"] > 0


def test_what_is_missing_is_said() -> None:
    """A way that was not measured is null, its target undecided, and a note says why."""
    printed = run("exec.py", "--ways", "posix_spawn", "--rounds", "1")
    (row,) = printed["rows"]
    assert row["ours"] is None
    assert row["peers"]["nsenter"] is None
    assert row["targets"][0]["met"] is None
    assert printed["notes"]["nsenter"] == ["left out by --ways"]
