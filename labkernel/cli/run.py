"""``labkernel run``: labs' notebooks, headless."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labkernel import labs
from labkernel.cli import signals, terminal
from labkernel.cli.arguments import LAB_NAME, backend_option, running_on, vm_option, wrong_use
from labkernel.cli.exit_codes import FAILED, UNABLE
from labkernel.errors import BackendUnavailable, ImageError, LabError

if TYPE_CHECKING:
    from labkernel.cli.results import LabRun
    from labkernel.lab import Lab
    from labkernel.running import RunningLab


@click.command()
@click.argument("names", nargs=-1, type=LAB_NAME, metavar="LAB...")
@click.option("--all", "every", is_flag=True, help="Run every lab.")
@backend_option
@vm_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the executed notebooks, each with an HTML page, in this directory.  [default: a "
    "temporary one, which stays only if a lab fails]",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results as JUnit XML.",
)
@click.option("--jobs", type=click.IntRange(1), default=1, help="Labs at a time.  [default: 1]")
@terminal.as_json
def run(
    names: Sequence[str],
    every: bool,
    backend: str | None,
    out: Path | None,
    junit: Path | None,
    jobs: int,
    as_json: bool,
) -> int:
    """Run labs' notebooks headless, and say whether they still do what they teach.

    Each notebook starts a lab of its own, separate from running ones, and ends it. Exit codes: 0
    all passed, 1 a lab failed, 3 a lab can't run on this machine.
    """
    if bool(names) == every:
        raise click.UsageError("name the labs to run, or give --all")
    names = labs.names() if every else list(dict.fromkeys(names))
    loaded, ended = _load(names)
    called = {name: lab.name for name, lab in loaded.items()}
    chosen, excused = _choose_backend(loaded.values(), backend, every)
    ended |= excused
    for option, directory in (("--junit", junit and junit.parent), ("--out", out)):
        _make_directory(option, directory)
    ended |= _run(chosen, out, jobs)
    runs = [ended[called.get(name, name)] for name in names]
    _tell(runs, junit, as_json)
    return _exit_code(runs)


def _load(names: Sequence[str]) -> "tuple[dict[str, Lab], dict[str, LabRun]]":
    """The labs by these names; and, of those whose file is broken, how they ended."""
    from labkernel.cli.results import LabRun

    loaded, broken = {}, {}
    for name in names:
        try:
            with wrong_use():
                loaded[name] = labs.load(name)
        except labs.BrokenLab as error:
            broken[name] = LabRun(name, "failed", str(error))
    return loaded, broken


def _choose_backend(
    chosen: "Iterable[Lab]", backend: str | None, every: bool
) -> "tuple[list[RunningLab], dict[str, LabRun]]":
    """The labs on the backend; to name one that can't is wrong use, else it is left out."""
    from labkernel import backends
    from labkernel.cli.results import LabRun

    able, excused = [], {}
    if backend:
        with wrong_use():
            backends.make(backend)
    for lab in chosen:
        try:
            able.append(running_on(lab, backend))
        except click.UsageError as error:
            if not every:
                raise
            excused[lab.name] = LabRun(lab.name, "not run", error.message, excused=True)
    return able, excused


def _make_directory(option: str, directory: Path | None) -> None:
    try:
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{option} {directory}: {error.strerror}") from error


def _run(chosen: "Sequence[RunningLab]", out: Path | None, jobs: int) -> "dict[str, LabRun]":
    """Run those that this machine can; gives how each ended."""
    from labkernel.cli.batch import Batch

    ended = {each.lab.name: unavailable for each in chosen if (unavailable := _prepare(each))}
    able = [each for each in chosen if each.lab.name not in ended]
    with _directory(out) as directory:
        try:
            ended |= {each.name: each for each in Batch(directory, out is not None, jobs).run(able)}
        finally:
            _tidy(able)
    return ended


def _tidy(labs_run: "Sequence[RunningLab]") -> None:
    """End labs of killed notebook kernels: backends do that when they list running labs."""
    from labkernel import backends

    for name in {each.backend.name for each in labs_run}:
        backends.make(name).running()


def _prepare(running: "RunningLab") -> "LabRun | None":
    """Build what the lab needs; gives why it can't run if it can't."""
    from labkernel.cli.results import LabRun

    try:
        for notebook in labs.notebooks(running.lab.name):
            labs.cells(notebook)
        running.backend.require()
        with terminal.progress() as on_progress:
            running.backend.build_missing_images(running.topology, on_progress)
    except (BackendUnavailable, ImageError) as error:
        return LabRun(running.lab.name, "not run", str(error))
    except LabError as error:
        return LabRun(running.lab.name, "failed", str(error))
    return None


@contextmanager
def _directory(out: Path | None) -> Iterator[Path]:
    """The directory for executed notebooks: a temporary one is removed if it is empty."""
    if out:
        yield out
        return
    directory = None
    try:
        with signals.held():
            directory = Path(tempfile.mkdtemp(prefix="labkernel-run-"))
        yield directory
    except BaseException:
        if directory:
            shutil.rmtree(directory)
        raise
    if not any(directory.iterdir()):
        directory.rmdir()


def _tell(runs: "Sequence[LabRun]", junit: Path | None, as_json: bool) -> None:
    from labkernel.cli.junit import write
    from labkernel.cli.results import print_table

    try:
        if as_json:
            terminal.print_json({"labs": [each.as_json() for each in runs]})
        else:
            print_table(runs, terminal.console())
    finally:
        if junit:
            write(runs, junit)


def _exit_code(runs: "Sequence[LabRun]") -> int:
    if any(each.result == "failed" for each in runs):
        return FAILED
    return UNABLE if any(each.result == "not run" and not each.excused for each in runs) else 0
