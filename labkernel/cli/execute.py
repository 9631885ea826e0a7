"""``python -m labkernel.cli.execute JOB``: runs one notebook by papermill, in a process of its own.

JOB is JSON, see :class:`Job`.  Prints a line of JSON before each cell, and one for an error that
is not in the notebook.  Which cell failed stands in the executed notebook; the exit code is 0 all
the same.  SIGINT ends the notebook's kernel and then this process.
"""

import contextlib
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labkernel import files
from labkernel.cli import processes
from labkernel.errors import LabError, first_line, shown
from labkernel.notebook import sockets

_COPY, _EXECUTED = "notebook.ipynb", "executed.ipynb"
#: seconds for a kernel's end, in which it ends its lab: machines take longer than namespaces
_LAST_WORK = 120.0


@dataclass(frozen=True)
class Job:
    """The description of an execution, which a process gets as its argument.

    :param notebook: the notebook's file.
    :param private: a directory for it and for the kernel's sockets; it is removed at the end.
    :param executed: the path of the executed notebook.
    :param page: the path of its HTML page.
    :param page_if_passed: whether to write the page also if no cell failed.
    :param parameters: the parameters for the cell that is tagged `parameters`.
    :param parent: the process id of the parent.
    """

    notebook: str
    private: str
    executed: str
    page: str
    page_if_passed: bool
    parameters: dict[str, Any]
    parent: int

    def words(self) -> list[str]:
        """The command that runs it."""
        # -P: what is in the working directory is nobody's to import
        return [sys.executable, "-P", "-m", "labkernel.cli.execute", json.dumps(asdict(self))]


def main(job: Job) -> None:
    """Run it, and make the page of it if that is wanted."""
    processes.listen()
    processes.end_with(job.parent)
    try:
        _execute_and_keep(job)
    finally:
        shutil.rmtree(job.private, ignore_errors=True)


def _execute_and_keep(job: Job) -> None:
    try:
        passed = _execute(job)
    finally:
        processes.listen()  # nbclient has had others hear the signals
    try:
        _keep(job, Path(job.private, _EXECUTED), passed)
    except LabError as error:
        _tell({"error": str(error)})
    except Exception as error:  # of the page: the notebook has cells that no reader knows
        said = first_line(str(error))
        _tell({"error": f"{shown(job.notebook)}: {type(error).__name__}: {said}"})


def _execute(job: Job) -> bool:
    """Execute the notebook; returns true if every cell passed, and reports errors outside of cells.

    papermill writes the notebook after each cell, and includes its paths: it works in a private
    directory, with short names.
    """
    import papermill

    notebook, private = Path(job.notebook).resolve(), job.private
    try:
        Path(private, _COPY).write_bytes(notebook.read_bytes())
        with contextlib.chdir(private):
            papermill.execute_notebook(
                _COPY,
                _EXECUTED,
                job.parameters,
                progress_bar=False,
                cwd=notebook.parent,
                config=_configuration(private),
                on_cell_start=_tell_cell,
            )
    except papermill.PapermillExecutionError:
        return False
    except Exception as error:
        _tell({"error": f"{shown(notebook)}: {type(error).__name__}: {error}"})
        return False
    return True


def _configuration(private: str) -> Any:
    from traitlets.config import Config

    return Config(KernelManager=sockets.by_sockets_in(private) | {"shutdown_wait_time": _LAST_WORK})


def _keep(job: Job, written: Path, passed: bool) -> None:
    """Put what papermill has written to its place, as a whole, and the page beside it.

    :raises LabError: it can't be written.
    """
    import nbformat

    from labkernel.cli import page

    if not written.exists():
        return
    try:
        done: Any = nbformat.read(written, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise LabError(f"{job.notebook}: what it became can't be read: {shown(error)}") from None
    done.metadata.papermill.input_path = shown(job.notebook)
    done.metadata.papermill.output_path = shown(job.executed)
    files.write(Path(job.executed), nbformat.writes(done).encode())  # type: ignore[no-untyped-call]
    if job.page_if_passed or not passed:
        page.write(Path(job.executed), Path(job.page))


def _tell_cell(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient names them
    _tell({"cell": cell_index})


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    try:
        main(Job(**json.loads(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
