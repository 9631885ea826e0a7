"""Every command, and what becomes of its errors.

Exit codes: 0 all is well; 1 a lab failed, or what was asked for did; 2 wrong use; 3 this machine
can't run it; 128 and its number for a signal: 130 is Ctrl-C.  A failure is one sentence on standard
error; LABKERNEL_DEBUG=1 shows where it comes from.  Everything slow is imported by the command that
needs it.
"""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from labkernel import __version__, files, images, labs, resources
from labkernel.cli import signals, terminal
from labkernel.cli.exit_codes import FAILED, UNABLE, WRONG_USE
from labkernel.errors import AuthorError, BackendUnavailable, Busy, ImageError, LabError

#: where each command is, in the order of the help
_COMMANDS = {
    "doctor": "doctor:doctor",
    "list": "course:list_",
    "steps": "course:steps",
    "open": "course:open_",
    "run": "run:run",
    "prove": "proving:prove",
    "new": "proving:new",
    "up": "nodes:up",
    "do": "steps:do",
    "check": "steps:check",
    "hint": "steps:hint",
    "undo": "steps:undo",
    "goto": "steps:goto",
    "reset": "steps:reset",
    "drill": "drill:drill",
    "progress": "progress:progress",
    "status": "nodes:status",
    "shell": "nodes:shell",
    "down": "nodes:down",
    "image": "image:image",
}


class _Commands(click.Group):
    """Imports a command's module when the command is needed: half of the time of a short one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return None
        command: click.Command = getattr(import_module(f"labkernel.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run one of them; none of them exits, but what a lab's author has written may."""
        for problem in (*labs.problems(), *images.problems()):
            terminal.say(problem)
        try:
            return super().invoke(ctx)
        except (SystemExit, KeyboardInterrupt) as error:
            if signals.came():
                raise
            raise AuthorError("the lab", f"it has ended this command ({error!r})") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="labkernel")
def labkernel() -> None:
    """Hands-on labs for IPv6 and Ceph, on real Linux nodes.

    Exit codes: 0 success, 1 a lab failed or a step is not done yet, 2 wrong use, 3 this machine
    can't run it, 128 plus a signal's number.
    """


def run(arguments: Sequence[str] | None) -> int:
    """Run a command; gives the exit code."""
    terminal.replace_what_can_not_be_written()
    try:
        terminal.name_output()
        with signals.raised():
            for variable in (labs.VARIABLE, labs.NOTEBOOKS, images.recipe.VARIABLE):
                resources.fix(variable)
            code = _run(arguments)
            terminal.flush()
            return code
    except (KeyboardInterrupt, click.Abort) as error:
        if signals.came():
            return signals.exit_code()
        cause = error.__cause__  # click takes the end of a file for Ctrl-C
        return _explain(cause if isinstance(cause, Exception) else RuntimeError(repr(error)))
    finally:
        terminal.let_go()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = labkernel.main(arguments, "labkernel", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_USE
    except click.UsageError as error:
        return _fail(_usage(error), WRONG_USE)
    except click.Abort:
        raise
    except SystemExit:  # click's, when nobody reads what is printed
        return FAILED
    except Exception as error:
        return signals.exit_code() if signals.came() else _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Report an exception of a command; returns the exit code."""
    if os.environ.get("LABKERNEL_DEBUG", "") not in ("", "0"):
        terminal.say("".join(traceback.format_exception(error)))
        return FAILED
    if isinstance(error, BackendUnavailable | Busy | ImageError):
        return _fail(str(error), UNABLE)
    if isinstance(error, LabError):
        return _fail(str(error), FAILED)
    if isinstance(error, OSError):
        return _explain_system(error)
    kind = type(error).__name__
    return _fail(f"{kind}: {error} (LABKERNEL_DEBUG=1 shows where it comes from)", FAILED)


def _explain_system(error: OSError) -> int:
    if error.filename != terminal.OUTPUT:
        return _fail(_of_the_system(error), UNABLE if error.errno == errno.EROFS else FAILED)
    if isinstance(error, BrokenPipeError):
        return FAILED  # who reads it has seen enough
    return _fail(str(files.unwritable(terminal.OUTPUT, error)), FAILED)


def _of_the_system(error: OSError) -> str:
    """The message for an error of the operating system, with the path."""
    message = error.strerror or str(error) or type(error).__name__
    text = f"{error.filename}: {message}" if error.filename else message
    if error.errno in (errno.EROFS, errno.EACCES):
        return f"{text}. Try: XDG_RUNTIME_DIR and XDG_CACHE_HOME that are directories of yours"
    return f"{text} (LABKERNEL_DEBUG=1 shows where it comes from)"


def _fail(text: str, code: int) -> int:
    try:
        terminal.say(f"labkernel: {text}")
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
