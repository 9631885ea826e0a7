"""The exceptions, each with what failed, where, what was seen and what to try.

::

    LabError
    ├── TopologyError        a lab's declaration contradicts itself
    ├── ImageError           an image's recipe or its build
    ├── BackendError         an operation of a backend failed
    │   ├── BackendUnavailable   this machine can't run it; carries the remedy
    │   ├── NodeLost             a node, or the whole lab, ended while it was in use
    │   └── CommandFailed        a command ended with an unexpected exit code
    ├── Busy                 another step of the lab is running
    ├── AuthorError          the code of a lab's author is wrong
    ├── Stopped              the user stopped a step: neither passed nor failed
    └── CheckFailed          a step did not do what it teaches
        └── NotRunYet            the check reads the step's output, and the step has not run
"""

from dataclasses import dataclass


class LabError(Exception):
    """The base of all exceptions that labkernel raises on purpose: one clear sentence.

    :param what: what failed, where, and what was seen, without a full stop.
    :param remedy: what to try; empty where there is nothing to say.
    """

    def __init__(self, what: str = "", remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(_sentence(what, remedy))


class TopologyError(LabError):
    """A lab's declaration contradicts itself (raised when it is made)."""


class ImageError(LabError):
    """An image has no recipe, can't be built, or is damaged."""


class BackendError(LabError):
    """An operation of a backend failed."""


class BackendUnavailable(BackendError):
    """This machine can't run the backend.

    :param backend: the backend's name in the registry.
    :param why: what is missing, without a full stop.
    :param remedy: what to type or change, without a full stop.
    """

    def __init__(self, backend: str, why: str, remedy: str) -> None:
        self.backend = backend
        self.why = why
        super().__init__(f"The {backend} backend can't run here: {why}", f"{remedy}.")
        self.remedy = remedy


class NodeLost(BackendError):
    """A node, or the whole lab, ended while it was used."""

    @classmethod
    def while_it_ended(cls, node: str, command: str) -> "NodeLost":
        """The error of a command that was killed, and whose node does not report its end."""
        return cls(
            f"{node}: the node does not answer: `{first_line(command)}` was killed, and nothing "
            "says that it has ended",
            "Reset",
        )


class CommandFailed(BackendError):
    """A command ended with an exit code that was not expected.

    :param node: where it ran.
    :param command: what ran, as text.
    :param exit_code: what it ended with; above 128, a signal's number plus 128 (POSIX shells).
    :param output: what it printed, standard output and error together.
    """

    def __init__(self, node: str, command: str, exit_code: int, output: str) -> None:
        self.node = node
        self.command = command
        self.exit_code = exit_code
        self.output = output
        super().__init__(
            f"{node}: `{first_line(command)}` failed (exit code {exit_code})"
            f"{': ' + last_line(output) if output.strip() else ', and printed nothing'}"
        )


class Busy(LabError):
    """Another step of the lab is running or being checked, in this process or in another."""

    @classmethod
    def elsewhere(cls, instance: str) -> "Busy":
        """The error for a running lab that another process uses."""
        return cls(
            f'another process is running a step of the lab "{instance}", or checks one',
            "wait for its end, or stop it there",
        )


class AuthorError(LabError):
    """Code of a lab's author does not do what it must: the step is neither passed nor failed.

    :param subject: what it is, a noun: ``the check "answers"``.
    :param why: what it does instead, a clause.
    """

    def __init__(self, subject: str, why: str) -> None:
        self.subject = subject
        self.why = why
        super().__init__(
            f"{subject} is wrong: {why}. That is a mistake of the lab, not yours", "tell its author"
        )


class Stopped(LabError):
    """A step was stopped by its user before its check ended.

    :param what: what was stopped, a noun: ``the step "Ask bravo for an echo"``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was stopped, and nothing was judged")


@dataclass(frozen=True)
class Expected:
    """The condition that a check expects, and where.

    :param on: a node's name, or a path; empty if it is not about one of these.
    :param what: what must be there: a noun, or "it to be …".
    """

    on: str
    what: str

    def __str__(self) -> str:
        return f"{self.on}: {self.what}" if self.on else self.what

    def __add__(self, more: str) -> "Expected":
        return Expected(self.on, self.what + more)


class CheckFailed(LabError):
    """A step did not do what it teaches.

    The sentence is made of its parts: ``client: expected an echo reply from 2001:db8::1, but got
    none. Is the server up?``

    :param expected: what must be true: ``Expected("client", "an echo reply from 2001:db8::1")``, or
        its text alone where it is of no one node.
    :param seen: what is true instead, a clause: ``got none``.
    :param hint: what to try, a sentence; empty when there is nothing to add.
    :param permanent: whether it stays so until somebody changes it: waiting can't help.
    """

    def __init__(
        self, expected: Expected | str, seen: str, hint: str = "", *, permanent: bool = False
    ) -> None:
        self.expected = expected if isinstance(expected, Expected) else Expected("", expected)
        self.seen = seen
        self.hint = hint
        self.permanent = permanent
        where = f"{self.expected.on}: " if self.expected.on else ""
        super().__init__(
            f"{where}expected {self.expected.what}, but {seen}." + (f" {hint}" if hint else "")
        )


class NotRunYet(CheckFailed):
    """The check reads the step's output, and the step has not run in this process."""


def _sentence(what: str, remedy: str) -> str:
    return f"{what}. Try: {remedy}" if remedy else what


def shown(text: object) -> str:
    """Text from outside, safe to print: control characters and undecodable bytes are escaped."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(text)
    )


def first_line(text: str, limit: int = 120) -> str:
    """The first line of a text that is not blank, shortened to `limit` characters."""
    return _shorten(next((line for line in text.splitlines() if line.strip()), ""), limit)


def last_line(text: str, limit: int = 200) -> str:
    """The last line of a text that is not blank, shortened to `limit` characters."""
    return _shorten(next((line for line in reversed(text.splitlines()) if line.strip()), ""), limit)


def _shorten(line: str, limit: int) -> str:
    line = line.strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
