"""What commands take: a lab by name, a backend, a step, a node; a wrong one is wrong use."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from labkernel import backends, labs
from labkernel.errors import LabError
from labkernel.vm import VARIABLE

if TYPE_CHECKING:
    from labkernel.lab import Lab


@contextmanager
def wrong_use() -> Iterator[None]:
    """What labkernel refuses in here was asked for wrongly: exit code 2; that a lab's own file is
    broken was not."""
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


LAB = LabType()
LAB_NAME = LabName()

backend_option = click.option(
    "--backend",
    metavar="NAME",
    help="What makes the nodes real (default: the first of the lab's that this system has).",
)


def _as_vms(_ctx: object, _param: object, names: Sequence[str]) -> None:
    """For this process, and for those that run notebooks."""
    if names:
        os.environ[VARIABLE] = ",".join(names)


# eager: labs are declared when their names are read, and have their nodes then
vm_option = click.option(
    "--vm",
    metavar="NODE",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_as_vms,
    help="Have this node be a VM, with a kernel of its own; may be given several times, and `all` "
    f"is every node.  [default: what {VARIABLE} names, separated by commas]",
)


def running_on(lab: "Lab", backend: str | None) -> "Lab":
    """The lab as the one that `labkernel up` starts and the notebook in JupyterLab uses."""
    with wrong_use():
        return lab.use(backend or backends.usual(lab.backends), instance=lab.name)
