"""`labkernel run anyip`: the lab's own work, and what running a notebook costs beside it.

``python benchmarks/notebook.py [--json] [--lab NAME] [--rounds N]``; what is compared is in
README.md.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import OURS, Missing, Report, Target, options, turns

PAPERMILL, EMPTY = "papermill", "empty notebook"
WAYS = (OURS, PAPERMILL, EMPTY)
BIN = Path(sys.executable).parent


def main() -> int:
    parser = options(__doc__, rounds=3)
    parser.add_argument("--lab", default="anyip", help="(default: %(default)s)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=180,
        help="per way; the round that is under way is finished (default: %(default)s)",
    )
    given = parser.parse_args()
    report = Report("notebook", WAYS)
    samples: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="notebook-") as scratch:
        ways = {
            OURS: lambda: _ours(given.lab),
            PAPERMILL: lambda: _papermill(_notebook(given.lab), Path(scratch)),
            EMPTY: lambda: _papermill(_empty(Path(scratch)), Path(scratch)),
        }
        for way, taken in turns(ways, given.rounds, given.seconds, report, given.lab):
            samples[way].append(taken)
    _add(report, given.lab, samples)
    report.show(given.json)
    return 0


def _add(report: Report, lab: str, samples: dict[str, list[tuple[float, float]]]) -> None:
    """Rows of the whole, the cells, and the difference: what everything around the cells takes."""
    report.add(lab, {way: [whole for whole, _ in taken] for way, taken in samples.items()})
    cells = {way: [work for _, work in taken] for way, taken in samples.items()}
    report.add(f"{lab}: its cells", cells)
    around = {way: [whole - work for whole, work in taken] for way, taken in samples.items()}
    report.add(f"{lab}: around its cells", around, [Target(PAPERMILL, plus=0.5)])


def _ours(lab: str) -> tuple[float, float]:
    """The seconds of `labkernel run`, and those of its cells."""
    started = time.perf_counter()
    ran = subprocess.run([BIN / "labkernel", "run", lab, "--json"], capture_output=True, text=True)
    whole = time.perf_counter() - started
    if ran.returncode:
        raise Missing(f"`labkernel run {lab}` ended with {ran.returncode}: {ran.stdout[-300:]}")
    return whole, json.loads(ran.stdout)["labs"][0]["work"]


def _papermill(notebook: Path, scratch: Path) -> tuple[float, float]:
    """The seconds of papermill's own command on a notebook, and those of its cells."""
    executed = scratch / "executed.ipynb"
    words: list[str | Path] = [BIN / "papermill", "--no-progress-bar"]
    words += ["--cwd", notebook.parent, notebook, executed]
    parameters = ["-p", "backend", "namespaces", "-p", "run_steps", "True"]
    started = time.perf_counter()
    ran = subprocess.run([*words, *parameters], capture_output=True, text=True)
    whole = time.perf_counter() - started
    if ran.returncode:
        raise Missing(f"papermill ended with {ran.returncode}: {ran.stderr[-300:]}")
    cells = json.loads(executed.read_text())["cells"]
    return whole, sum(cell["metadata"]["papermill"]["duration"] or 0 for cell in cells)


def _notebook(lab: str) -> Path:
    from labkernel import labs

    return labs.notebook(lab)


def _empty(scratch: Path) -> Path:
    """A notebook that takes the parameters and does nothing with them."""
    cell: dict[str, Any] = {
        "cell_type": "code", "id": "parameters", "execution_count": None, "outputs": [],
        "metadata": {"tags": ["parameters"]}, "source": 'backend = ""\nrun_steps = False',
    }  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4,
             "nbformat_minor": 5}  # fmt: skip
    path = scratch / "empty.ipynb"
    path.write_text(json.dumps(whole))
    return path


if __name__ == "__main__":
    sys.exit(main())
