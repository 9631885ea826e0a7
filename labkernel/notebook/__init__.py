"""The functions for notebooks: `begin` with its parameters, then `show` for a lab and each step.

In an interactive notebook a cell shows a live card and returns at once.  In a headless one
(papermill's parameter ``run_steps``, or ``LABKERNEL_AUTO=1``) the step runs, its transcript is the
output, and the cell fails when the step does.
"""

from typing import TYPE_CHECKING

from labkernel.drills import Drill
from labkernel.errors import LabError
from labkernel.lab import Lab
from labkernel.notebook.button import button
from labkernel.notebook.courses import Course, course
from labkernel.notebook.current import notebook
from labkernel.notebook.progress import bar, unattended
from labkernel.notebook.session import Session, lab_of
from labkernel.steps import Step

if TYPE_CHECKING:
    from labkernel.doctor import Report
    from labkernel.running import RunningLab

__all__ = ["bar", "begin", "button", "course", "running_lab", "show", "unattended"]


def begin(backend: str = "", run_steps: bool = False) -> None:
    """Take the notebook's parameters.

    :param backend: the backend's name; empty: each lab's first.
    :param run_steps: run each step as soon as it is shown, without cards.
    """
    notebook.backend, notebook.run_steps = backend, run_steps
    _add_magic()


def show(thing: "Lab | Step | Drill | Report | Course", folded: bool = False) -> None:
    """Show a lab, one of its steps or drills, the course, or what :func:`labkernel.doctor.report`
    found.

    :param folded: what came of the step answers a question: it is folded in what a headless run
        saves.
    :raises LabError: headless, when the step does not pass.
    """
    from labkernel.notebook.display import without_frames

    _add_magic()
    try:
        _show(thing, folded)
    except LabError as error:
        raise without_frames(error) from None


def _show(thing: "Lab | Step | Drill | Report | Course", folded: bool) -> None:
    if isinstance(thing, Course):
        _show_course(thing)
    elif not isinstance(thing, Lab | Step | Drill):
        _show_report(thing)
    else:
        notebook.lab = thing if isinstance(thing, Lab) else lab_of(thing)
        if notebook.headless:
            _show_headless(thing, notebook.current(), folded)
        else:
            _show_card(thing, notebook.current())


def _show_course(course: Course) -> None:
    if notebook.headless:
        from labkernel.notebook import headless

        headless.show_course(course)
    else:
        from labkernel.notebook import interactive

        interactive.show_course(course)


def _show_report(report: "Report") -> None:
    from labkernel.notebook import checkup
    from labkernel.notebook.display import display_bundle

    html = checkup.html(report, with_facts=not notebook.headless)
    display_bundle({"text/plain": checkup.TEXT, "text/html": html})


def _show_headless(thing: Lab | Step | Drill, session: Session, folded: bool) -> None:
    from labkernel.notebook import headless

    if isinstance(thing, Lab):
        headless.show_lab(session)
    elif isinstance(thing, Drill):
        headless.show_drill(thing, session)
    else:
        headless.show_step(thing, session, folded)


def _show_card(thing: Lab | Step | Drill, session: Session) -> None:
    from labkernel.notebook import interactive

    interactive.show(thing, session)


def _add_magic() -> None:
    from labkernel.notebook import magic

    magic.register()


def running_lab(lab: Lab | str) -> "RunningLab":
    """A lab, or the one of that name, as this notebook runs it; it is not started by this.

    :raises LabError: there is none.
    """
    if isinstance(lab, Lab):
        return notebook.session(lab).running
    from labkernel import labs

    return notebook.find(lab, labs.load).running
