"""The parameters of commands: a lab by name, a backend, a step, a node; errors are wrong use."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from labkernel import labs, settings
from labkernel.cli import terminal
from labkernel.errors import LabError

if TYPE_CHECKING:
    from labkernel.lab import Lab
    from labkernel.running import RunningLab
    from labkernel.steps import Step


@contextmanager
def wrong_use() -> Iterator[None]:
    """Turn a LabError into wrong use (exit code 2), except for a broken file of a lab."""
    try:
        yield
    except labs.BrokenLab:
        raise
    except LabError as error:
        raise click.UsageError(str(error)) from error


class LabType(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """The name of a lab; the command gets the lab."""

    name = "lab"

    def convert(self, value: Any, param: object, ctx: object) -> "Lab":
        """See click."""
        with wrong_use():
            return labs.load(value)

    def shell_complete(self, ctx: object, param: object, incomplete: str) -> list[CompletionItem]:
        """The labs whose names begin like that."""
        return [CompletionItem(name) for name in labs.names() if name.startswith(incomplete)]


class LabName(LabType):
    """The name of a lab; the command gets that: whether its file is broken is seen later."""

    def convert(self, value: Any, param: object, ctx: object) -> Any:
        """See click."""
        with suppress(labs.BrokenLab):
            super().convert(value, param, ctx)
        return value


class StepType(click.ParamType):  # type: ignore[type-arg]  # as above
    """The name or number of a step; the command looks for it in its lab."""

    name = "step"

    def shell_complete(
        self, ctx: click.Context, param: object, incomplete: str
    ) -> list[CompletionItem]:
        """The steps of the lab before it whose names begin like that."""
        lab: Lab | None = ctx.params.get("lab")
        return [
            CompletionItem(step.name, help=step.title)
            for step in (lab.steps if lab else ())
            if step.name.startswith(incomplete)
        ]


LAB = LabType()
STEP = StepType()
LAB_NAME = LabName()

backend_option = click.option(
    "--backend",
    metavar="NAME",
    help="The backend: namespaces or virtualbox (default: the first that lab and system support).",
)


def _as_vms(_ctx: object, _param: object, names: Sequence[str]) -> None:
    """For this process, and for those that it starts: they run notebooks."""
    if names:
        os.environ[settings.VMS] = ",".join(names)


vm_option = click.option(
    "--vm",
    metavar="NODE",
    multiple=True,
    expose_value=False,
    callback=_as_vms,
    help="Have this node be a VM, with a kernel of its own; may be given several times, and `all` "
    f"is every node.  [default: what {settings.VMS} names, separated by commas]",
)


def step_of(lab: "Lab", name: str) -> "Step":
    """A step by its name or number.

    :raises click.UsageError: there is none.
    """
    with wrong_use():
        found = lab.find(name)
    if name != found.name and not name.isdigit():
        terminal.say(f'"{name}" is called "{found.name}"; the old name is understood until 0.2')
    return found


def running_on(lab: "Lab", backend: str | None = None) -> "RunningLab":
    """The lab as the one that `labkernel up` starts and the notebook in JupyterLab uses.

    :raises click.UsageError: it can't run on that backend, or with what the settings ask for.
    """
    from labkernel.running import RunningLab

    with wrong_use():
        return RunningLab(lab, backend or "", vms=settings.vms(), images=settings.image_overrides())
