"""Notebooks without anyone in front of them: each step runs at once, and its outcome is the output.

A lab of a headless run is its own: it meets no other, and it ends with the notebook's kernel.
"""

import atexit
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from labkernel import backends
from labkernel.drills import Drill
from labkernel.errors import AuthorError, LabError
from labkernel.lab import Lab
from labkernel.notebook import diagram, static, views
from labkernel.notebook.display import display_bundle, without_frames
from labkernel.steps import Outcome, Step
from labkernel.transcript import transcript

T = TypeVar("T")

INSTANCE = f"headless-{os.getpid()}-{uuid.uuid4().hex[:8]}"
"""What keeps this run's labs apart from all others."""

_ready: set[Lab] = set()


def show_lab(lab: Lab, backend: str) -> None:
    """Start a lab and show its picture."""
    _prepare(lab, backend)
    html = static.lab_card(lab, "up")
    display_bundle({"text/plain": f"{lab.title}\n{diagram.table(lab.topology)}", "text/html": html})


def show_step(step: Step, lab: Lab, backend: str) -> None:
    """Run a step and show how it ended.

    :raises LabError: it did not pass.
    """
    _prepare(lab, backend)
    outcome, shown = _viewed(_quietly(lab, lambda: lab.do(step)))
    text = transcript(outcome, lab.topology)
    display_bundle({"text/plain": text, "text/html": static.step_card(step, lab, outcome, shown)})
    if outcome.failure:
        raise without_frames(outcome.failure)


def _viewed(outcome: Outcome) -> tuple[Outcome, list[str]]:
    """With what its views show; one that can't be made is a failure."""
    try:
        return outcome, views.of_outcome(outcome)
    except AuthorError as error:
        return (outcome if outcome.failure else outcome.failed(error)), []


def show_drill(drill: Drill, backend: str) -> None:
    """Break the lab by each of a drill's faults in turn, and mend it each time.

    :raises LabError: a fault does not show, or can't be mended.
    """
    _prepare(drill.lab, backend)
    symptoms = _quietly(drill.lab, lambda: _solve_all(drill))
    lines = [f"{title}: {symptom}, mended" for title, symptom in symptoms]
    text = "\n".join([drill.title, *lines, f"Passed: {len(lines)} faults were found and mended."])
    display_bundle({"text/plain": text, "text/html": static.drill_card(drill, symptoms)})


def _solve_all(drill: Drill) -> list[tuple[str, str]]:
    """The title of each fault, and its symptom."""
    drill.set_up()
    symptoms = []
    for fault in drill.faults:
        symptoms.append((fault.title, drill.break_by(fault).removeprefix("but ")))
        drill.solve()
    return symptoms


def _prepare(lab: Lab, backend: str) -> None:
    if lab in _ready:
        return
    lab.use(backend or backends.usual(lab.backends), instance=INSTANCE, linger=0)
    atexit.register(lab.down)
    _quietly(lab, lab.up)
    _ready.add(lab)


def _quietly(lab: Lab, work: Callable[[], T]) -> T:
    """Do it in a thread, where no event loop runs; an interrupt stops what runs on the nodes.

    :raises LabError: without our frames in its traceback.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            lab.stop()
            raise
        except LabError as error:
            raise without_frames(error) from None
        except SystemExit as error:  # of a lab's author: IPython would take it as the user's
            raise AuthorError(f'the lab "{lab.name}"', f"it raised {error!r}") from error
