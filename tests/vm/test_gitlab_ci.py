"""The CI job that builds the disks: GitLab would take it, and its commands do what it says."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
_LABKERNEL = Path(sys.executable).with_name("labkernel")
#: the keywords of a job that this file uses (docs.gitlab.com/ci/yaml), and what they hold
KEYWORDS = {
    "stage": str, "image": str, "variables": dict, "cache": dict, "before_script": list,
    "script": list, "artifacts": dict, "rules": list,
}  # fmt: skip


@pytest.fixture(scope="module")
def pipeline() -> dict[str, Any]:
    """What is in images/.gitlab-ci.yml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "images" / ".gitlab-ci.yml").read_text())
    return found


def test_gitlab_would_take_it(pipeline: dict[str, Any]) -> None:
    """Every job has a stage that is declared, a script, and known keywords of the right kind."""
    stages = pipeline.pop("stages")
    for name, job in pipeline.items():
        assert job["stage"] in stages, name
        assert job["script"], name
        for keyword, value in job.items():
            assert isinstance(value, KEYWORDS[keyword]), (name, keyword)
        assert all(isinstance(line, str) for line in [*job["before_script"], *job["script"]])


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.rare
def test_its_script_makes_its_artifacts(pipeline: dict[str, Any], tmp_path: Path) -> None:
    """The commands of the script, run here in their order, leave every file that it keeps."""
    job = pipeline["vm-images"]
    for line in job["script"]:
        program, *words = shlex.split(line)
        assert program == ".venv/bin/labkernel"
        done = subprocess.run([_LABKERNEL, *words], cwd=tmp_path)
        assert done.returncode == 0, line
    for name in job["artifacts"]["paths"]:
        assert (tmp_path / name).stat().st_size > 10_000_000
