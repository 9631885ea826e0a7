"""``labkernel``, the command line.

Exit codes: 0 all is well; 1 a lab failed, or what was asked for did; 2 wrong use; 3 this machine
can't run it; 130 interrupted.  A failure is one sentence on standard error; LABKERNEL_DEBUG=1 shows
where it comes from.  Everything slow is imported by the command that needs it.
"""

import io
import os
import sys
from collections.abc import Sequence

import click

from labkernel import __version__, files
from labkernel.cli import course, doctor, image, nodes, run, terminal
from labkernel.cli.exit_codes import FAILED, INTERRUPTED, UNABLE, WRONG_USE
from labkernel.errors import BackendUnavailable, ImageError, LabError, shown


class _InOrder(click.Group):
    """Lists its commands in the order in which they were added, not by letter."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="labkernel")
def labkernel() -> None:
    """Hands-on labs for IPv6 and Ceph, on real Linux nodes.

    Exit codes: 0 all is well, 1 a lab failed, 2 wrong use, 3 this machine can't run it.
    """


for _command in (
    doctor.doctor,
    course.list_,
    course.steps,
    course.open_,
    run.run,
    nodes.up,
    nodes.do,
    nodes.status,
    nodes.shell,
    nodes.down,
    image.image,
):
    labkernel.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code.

    :param arguments: the words after ``labkernel``; those of this process if None.
    """
    terminal.name_output()
    try:
        code = labkernel.main(arguments, "labkernel", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_USE
    except click.UsageError as error:
        return _fail(_usage(error), WRONG_USE)
    except click.Abort:
        return INTERRUPTED
    except Exception as error:
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """What to say of an error that a command did not expect."""
    if os.environ.get("LABKERNEL_DEBUG", "") not in ("", "0"):
        raise error
    if isinstance(error, BackendUnavailable | ImageError):
        return _fail(str(error), UNABLE)
    if isinstance(error, LabError):
        return _fail(str(error), FAILED)
    if isinstance(error, BrokenPipeError) and error.filename == terminal.OUTPUT:
        return FAILED  # who reads it has seen enough
    if isinstance(error, OSError) and error.filename == terminal.OUTPUT:
        return _fail(str(files.unwritable(terminal.OUTPUT, error)), FAILED)
    kind = type(error).__name__
    return _fail(f"{kind}: {error} (LABKERNEL_DEBUG=1 shows where it comes from)", FAILED)


def _fail(text: str, code: int) -> int:
    lines = "\n".join(shown(line) for line in text.splitlines())
    try:
        click.echo(f"labkernel: {lines}", file=sys.stderr)
    except OSError:  # there is nowhere else to say it
        sys.stderr = io.StringIO()  # or Python would try again, for another exit code
    return code


def _usage(error: click.UsageError) -> str:
    """One sentence in place of click's three lines."""
    text = error.format_message()
    if isinstance(error.__cause__, LabError):
        return text
    at = error.ctx.command_path if error.ctx else "labkernel"
    return f"{text}{'' if text.endswith(('.', '?', '!')) else '.'} Try: {at} --help"
