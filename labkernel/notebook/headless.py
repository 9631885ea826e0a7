"""Notebooks without anyone in front of them: each step runs at once, and its outcome is the output.

A lab of a headless run is its own: it meets no other, and it ends with the notebook's kernel.
"""

import atexit
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from labkernel import outcomes
from labkernel.drills import Drill
from labkernel.errors import AuthorError, LabError
from labkernel.notebook import courses, diagram, saved, static, views
from labkernel.notebook.courses import Course
from labkernel.notebook.display import display_bundle, without_frames
from labkernel.notebook.session import Session
from labkernel.running import RunningDrill, RunningLab
from labkernel.steps import Outcome, Step
from labkernel.transcript import transcript

T = TypeVar("T")


def show_course(course: Course) -> None:
    """Show the course as it is on every machine: neither progress nor what one has besides."""
    shipped = course.shipped
    bundle = {"text/plain": courses.TEXT.format(count=len(shipped.entries))}
    identity = {saved.CARD: saved.identity(courses.KEY)}
    display_bundle(bundle | {"text/html": static.course(shipped)} | identity)


def show_lab(session: Session) -> None:
    """Start a lab and show its picture."""
    running = _prepared(session)
    lab = running.lab
    text = f"{lab.title}\n{diagram.table(running.topology)}"
    html = static.lab_card(running)
    display_bundle({"text/plain": text, "text/html": html} | saved.recorded(lab, lab))


def show_step(step: Step, session: Session, folded: bool = False) -> None:
    """Run a step and show how it ended.

    :param folded: whether what came of it is folded.
    :raises LabError: it did not pass.
    """
    running = _prepared(session)
    outcome, shown = _viewed(_quietly(running, lambda: running.do(step)))
    text = transcript(outcome, running.topology)
    html = static.step_card(step, running.lab, outcome, shown, folded)
    metadata = {outcomes.KEY: outcomes.brief(outcome)}
    identity = saved.recorded(step, running.lab) if outcome.passed else {}
    display_bundle({"text/plain": text, "text/html": html} | identity, metadata)
    if outcome.failure:
        raise without_frames(outcome.failure)


def _viewed(outcome: Outcome) -> tuple[Outcome, list[str]]:
    """With what its views show; one that can't be made is a failure."""
    try:
        return outcome, views.of_outcome(outcome)
    except AuthorError as error:
        return (outcome if outcome.failure else outcome.failed(error)), []


def show_drill(drill: Drill, session: Session) -> None:
    """Break the lab by each of a drill's faults in turn, and fix it each time.

    :raises LabError: a fault does not show, or can't be fixed.
    """
    running = _prepared(session)
    symptoms = _quietly(running, lambda: _solve_all(running.drill(drill), drill))
    lines = [f"{title}: {symptom}, fixed" for title, symptom in symptoms]
    text = "\n".join([drill.title, *lines, f"Passed: {len(lines)} faults were found and fixed."])
    html = static.drill_card(drill, symptoms)
    display_bundle({"text/plain": text, "text/html": html} | saved.recorded(drill, running.lab))


def _solve_all(running: RunningDrill, drill: Drill) -> list[tuple[str, str]]:
    """The title of each fault, and its symptom."""
    running.set_up()
    symptoms = []
    for fault in drill.faults:
        symptoms.append((fault.title, running.break_by(fault)))
        running.solve()
    return symptoms


def _prepared(session: Session) -> RunningLab:
    """The session's lab, started once; it ends with this process."""
    running = session.running
    if session.state != "up":
        atexit.register(running.down)
        _quietly(running, running.up)
        session.state = "up"
    return running


def _quietly(running: RunningLab, work: Callable[[], T]) -> T:
    """Do it in a thread, where no event loop runs; an interrupt stops what runs on the nodes.

    :raises LabError: without our frames in its traceback.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            running.stop()
            raise
        except LabError as error:
            raise without_frames(error) from None
        except SystemExit as error:  # of a lab's author: IPython would take it as the user's
            raise AuthorError(f'the lab "{running.lab.name}"', f"it raised {error!r}") from error
