"""``python -m labkernel.cli.execute JOB``: runs one notebook by papermill, in a process of its own.

JOB is JSON, see :class:`Job`.  Prints a line of JSON before each cell, and one for an error that
is not in the notebook.  SIGINT ends the notebook's kernel and then this process.
"""

import json
import os
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labkernel import linux


@dataclass(frozen=True)
class Job:
    """What to run.

    :param notebook: the notebook's file.
    :param executed: where to write it with its outputs.
    :param page: where to write an HTML page of it; empty for nowhere.
    :param page_if_passed: whether to write the page also if no cell failed.
    :param parameters: for the cell that is tagged `parameters`.
    :param parent: the process id of who waits for it.
    """

    notebook: str
    executed: str
    page: str
    page_if_passed: bool
    parameters: dict[str, Any]
    parent: int

    def words(self) -> list[str]:
        """The command that runs it."""
        return [sys.executable, "-m", "labkernel.cli.execute", json.dumps(asdict(self))]


def main(job: Job) -> int:
    """Run it; gives 0 if every cell passed, 1 if one failed or the kernel was lost."""
    _end_with_parent(job.parent)
    import papermill
    from traitlets.config import Config

    notebook = Path(job.notebook).resolve()
    code = 0
    with tempfile.TemporaryDirectory(prefix="labkernel-kernel-") as private:
        try:
            papermill.execute_notebook(
                notebook,
                job.executed,
                job.parameters,
                progress_bar=False,
                cwd=notebook.parent,
                config=Config(KernelManager=_by_sockets_in(private)),
                on_cell_start=_tell_cell,
            )
        except papermill.PapermillExecutionError:
            code = 1
        except Exception as error:
            _tell({"error": f"{type(error).__name__}: {error}"})
            code = 1
    if job.page and Path(job.executed).exists() and (code or job.page_if_passed):
        _write_page(Path(job.executed), Path(job.page))
    return code


def _by_sockets_in(directory: str) -> dict[str, str]:
    """How to speak to the kernel: unlike ports, nobody else can take or reach these sockets."""
    return {"transport": "ipc", "connection_file": f"{directory}/kernel.json"}


def _end_with_parent(parent: int) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    linux.die_with_parent(signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)


def _tell_cell(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient names them
    _tell({"cell": cell_index})


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _write_page(executed: Path, page: Path) -> None:
    """An HTML page that needs no other file, without the code that the notebook hides, too."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook: Any = nbformat.read(executed, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell["transient"] = {"remove_source": True}
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(notebook)
    page.write_text(html, encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main(Job(**json.loads(sys.argv[1]))))
    except KeyboardInterrupt:
        sys.exit(130)
