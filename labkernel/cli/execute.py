"""``python -m labkernel.cli.execute JOB``: runs one notebook by papermill, in a process of its own.

JOB is JSON, see :class:`Job`.  Prints a line of JSON before each cell, and one for an error that
is not in the notebook.  Which cell failed stands in the executed notebook; the exit code is 0 all
the same.  SIGINT ends the notebook's kernel and then this process.
"""

import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labkernel.cli import processes

#: sun_path of unix(7) has room for 107 bytes: for this, and ``/lk-xxxxxxxx/kernel-ipc-5``
_LONGEST_PLACE = 107 - len("/lk-xxxxxxxx/kernel-ipc-99999")

#: seconds for a kernel's end, in which it ends its lab: machines take longer than namespaces
_LAST_WORK = 120.0


@dataclass(frozen=True)
class Job:
    """What to run.

    :param notebook: the notebook's file.
    :param private: a directory for the kernel's sockets; it is removed at the end.
    :param executed: where to write it with its outputs.
    :param page: where to write an HTML page of it.
    :param page_if_passed: whether to write the page also if no cell failed.
    :param parameters: for the cell that is tagged `parameters`.
    :param parent: the process id of who waits for it.
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
        passed = _execute(job)
    finally:
        processes.listen()  # nbclient has had others hear the signals
        shutil.rmtree(job.private, ignore_errors=True)
    if Path(job.executed).exists() and (job.page_if_passed or not passed):
        from labkernel.cli import page

        page.write(Path(job.executed), Path(job.page))


def _execute(job: Job) -> bool:
    """Whether every cell passed; what goes wrong outside of the cells is told."""
    import papermill
    from traitlets.config import Config

    notebook = Path(job.notebook).resolve()
    manager = _by_sockets_in(job.private) | {"shutdown_wait_time": _LAST_WORK}
    try:
        papermill.execute_notebook(
            notebook,
            job.executed,
            job.parameters,
            progress_bar=False,
            cwd=notebook.parent,
            config=Config(KernelManager=manager),
            on_cell_start=_tell_cell,
        )
    except papermill.PapermillExecutionError:
        return False
    except Exception as error:
        _tell({"error": f"{type(error).__name__}: {error}"})
        return False
    return True


def place_for_sockets() -> str:
    """The directory for temporary files; another where its path is too long for a socket's, since
    a kernel that can't make its sockets is waited for in vain."""
    usual = tempfile.gettempdir()
    places = (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp")
    return next((p for p in places if p and len(p.encode()) <= _LONGEST_PLACE), usual)


def _by_sockets_in(directory: str) -> dict[str, str]:
    """How to speak to the kernel: unlike ports, nobody else can take or reach these sockets.

    Under Windows ZeroMQ has ports alone, on 127.0.0.1, and the kernel its key.
    """
    if sys.platform == "win32":
        return {}
    return {"transport": "ipc", "connection_file": f"{directory}/kernel.json"}


def _tell_cell(cell: Any, cell_index: int) -> None:  # noqa: ARG001  nbclient names them
    _tell({"cell": cell_index})


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    try:
        main(Job(**json.loads(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
