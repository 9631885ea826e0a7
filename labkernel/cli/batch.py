"""Runs labs' notebooks, some at a time, each in a process of its own."""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from labkernel import labs
from labkernel.cli import processes, quoting, results, signals, terminal
from labkernel.cli.execute import Job
from labkernel.cli.results import Executed, LabRun
from labkernel.errors import LabError, last_line
from labkernel.notebook.sockets import socket_directory

if TYPE_CHECKING:
    from rich.progress import Progress

    from labkernel.running import RunningLab

OnCell = Callable[[int], None]
#: seconds that a notebook's kernel gets to end when it is interrupted
_GRACE = 15.0


def _results(running: "list[Future[LabRun]]") -> list[LabRun]:
    """Wait for all results; signals are handled during the wait."""
    pending = set(running)
    while pending:
        _, pending = signals.wait(pending)
    return [each.result() for each in running]


class Batch:
    """Runs labs, each on the backend that it uses.

    :param directory: where the executed notebooks go.
    :param keep: whether they stay, each with an HTML page; if not, only those that failed do.
    :param at_once: how many run at the same time.
    """

    def __init__(self, directory: Path, keep: bool, at_once: int = 1) -> None:
        self._directory = directory.resolve()
        self._keep = keep
        self._at_once = at_once
        self._running: set[subprocess.Popen[str]] = set()
        self._starting = threading.Lock()
        self._interrupted = False

    def run(self, chosen: "Iterable[RunningLab]") -> list[LabRun]:
        """Run labs; gives how each ended, in their order.

        An interrupt ends those that run, and with each its lab.
        """
        with terminal.live() as bars:
            shown = [(each, _Shown(bars, each.lab.name)) for each in chosen]
            pool = ThreadPoolExecutor(self._at_once, initializer=signals.leave_to_the_main_thread)
            try:
                return _results([pool.submit(self._run, *each) for each in shown])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._interrupt()
                raise
            finally:
                pool.shutdown()

    def _run(self, running: "RunningLab", shown: "_Shown") -> LabRun:
        """Run a lab; whatever is wrong with its files, the others run all the same."""
        try:
            run = self._run_notebooks(running, shown)
        except LabError as error:
            run = LabRun(running.lab.name, "failed", str(error))
        except Exception as error:
            run = LabRun(running.lab.name, "failed", f"{type(error).__name__}: {error}")
        if not self._interrupted:
            shown.end(run)
        return run

    def _run_notebooks(self, running: "RunningLab", shown: "_Shown") -> LabRun:
        """One after the other, each with a lab of its own."""
        executed = [
            self._run_notebook(running, notebook, shown)
            for notebook in labs.notebooks(running.lab.name)
        ]
        run = results.read(running.lab, executed)
        if run.result == "passed" and not self._keep:
            for each in executed:
                each.notebook.unlink()
            run = replace(run, notebook="")
        return run

    def _run_notebook(self, running: "RunningLab", notebook: Path, shown: "_Shown") -> Executed:
        with tempfile.TemporaryDirectory(prefix="lk-", dir=socket_directory()) as private:
            return self._run_in(private, running, notebook, shown)

    def _run_in(
        self, private: str, running: "RunningLab", notebook: Path, shown: "_Shown"
    ) -> Executed:
        """Run it with a directory of its own, which goes even where the notebook's process was
        killed."""
        executed = self._directory / notebook.name
        job = Job(
            notebook=str(notebook),
            private=private,
            executed=str(executed),
            page=str(executed.with_suffix(".html")),
            page_if_passed=self._keep,
            parameters={"backend": running.backend.name, "run_steps": True},
            parent=os.getpid(),
        )
        for earlier in (executed, Path(job.page)):
            earlier.unlink(missing_ok=True)
        shown.begin(headings_of(notebook))
        started = time.perf_counter()
        error = self._execute(job, shown.cell)
        seconds = time.perf_counter() - started
        return Executed(executed, Path(job.page), seconds, error)

    def _execute(self, job: Job, on_cell: OnCell) -> str:
        """Run a notebook to its end; gives what went wrong outside its cells."""
        with tempfile.TemporaryFile("w+", errors="replace") as complaints:
            process = self._start(job, complaints)
            if process is None:
                return "it was interrupted"
            error = _follow(process, on_cell)
            code = process.wait()
            self._running.discard(process)
            if code == 0:
                return error
            complaints.seek(0)
            message = last_line(complaints.read()) or "it printed nothing"
            return f"the notebook's process ended with exit code {code}: {message}"

    def _start(self, job: Job, complaints: IO[str]) -> "subprocess.Popen[str] | None":
        """Start it, unless all are to end."""
        with self._starting:
            if self._interrupted:
                return None
            process = subprocess.Popen(
                job.words(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                env=os.environ | _own_ipython(job.private),
                **processes.apart(),  # Ctrl-C comes to us alone, and we pass it on
            )
            self._running.add(process)
            return process

    def _interrupt(self) -> None:
        """End what runs, and wait for that."""
        with self._starting:
            self._interrupted = True
            running = list(self._running)
        for process in running:
            processes.interrupt(process)
        deadline = time.monotonic() + _GRACE
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _own_ipython(private: str) -> dict[str, str]:
    """A directory for IPython's files where it can't have its usual one: each of its processes
    would make one, and leave it."""
    usual = Path(os.environ.get("IPYTHONDIR") or "~/.ipython").expanduser()
    try:
        with tempfile.TemporaryFile(dir=usual if usual.exists() else usual.parent):
            return {}
    except OSError:
        return {"IPYTHONDIR": private}


def _follow(process: "subprocess.Popen[str]", on_cell: OnCell) -> str:
    """Report cells until the process ends; gives what it says went wrong outside the cells."""
    error = ""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            update = json.loads(line)
            error = update.get("error", error)
            if "cell" in update:
                on_cell(update["cell"])
    return error


class _Shown:
    """The progress of one lab on the terminal: a bar, or a line at its end."""

    def __init__(self, bars: "Progress | None", name: str) -> None:
        self._bars = bars
        self._name = name
        self._headings = [""]
        self._task = bars.add_task(name, what="waiting", start=False) if bars else None

    def begin(self, headings: list[str]) -> None:
        """Its notebook is about to start; for each cell the heading above it."""
        self._headings = headings
        if self._bars and self._task is not None:
            self._bars.start_task(self._task)
            self._bars.update(self._task, total=len(headings), what="starting")

    def cell(self, number: int) -> None:
        """A cell begins."""
        if self._bars and self._task is not None:
            what = quoting.line(self._headings[min(number, len(self._headings) - 1)])
            self._bars.update(self._task, completed=number, what=what)

    def end(self, run: LabRun) -> None:
        """Show the result of a lab that has ended."""
        if self._bars and self._task is not None:
            self._bars.update(self._task, completed=len(self._headings), what=run.result)
            self._bars.stop_task(self._task)
        else:
            terminal.say(f"{self._name}: {run.result}")


def headings_of(notebook: Path) -> list[str]:
    """For each cell, as papermill runs them, the last heading above it.

    :raises LabError: the notebook is damaged.
    """
    found, heading = [], ""
    for cell in labs.cells(notebook):
        if cell["cell_type"] == "markdown":
            lines = "".join(cell["source"]).splitlines()
            heading = next((line.lstrip("# ") for line in lines if line.startswith("#")), heading)
        found.append(heading)
        if "parameters" in cell["metadata"].get("tags", ()):
            found.append(heading)  # the cell that papermill adds
    return found
