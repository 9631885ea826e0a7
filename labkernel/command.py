"""A command on a node, and how it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkernel.errors import BackendError

Command = str | Sequence[str]
"""Text for ``bash -c``, or the words of a command that runs without a shell."""

OnOutput = Callable[[str], None]
"""Called with each piece of output as it comes; pieces end where the reads ended, not the lines."""


@dataclass(frozen=True)
class Octets:
    """Given as :data:`OnOutput`: gets the pieces as they came, not decoded.

    :param take: is called with each.
    """

    take: Callable[[bytes], None]

    def __call__(self, text: str) -> None:
        """A piece from a backend that has text alone."""
        self.take(text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class Result:
    """How a command ended.

    :param node: where it ran.
    :param command: what ran, as text.
    :param exit_code: 128 plus the signal's number if a signal ended it (POSIX shells).
    :param output: standard output and error together, decoded as UTF-8 with U+FFFD for what is
        not; when it was longer than the bound (1 MiB), its beginning and its end.
    :param seconds: wall-clock time.
    :param timed_out: whether it was stopped for taking longer than its timeout.
    :param truncated: characters dropped from the middle of the output.
    """

    node: str
    command: str
    exit_code: int
    output: str
    seconds: float
    timed_out: bool = False
    truncated: int = 0

    @property
    def ok(self) -> bool:
        """Whether it ended with exit code 0."""
        return self.exit_code == 0


def require_command(node: str, command: Command) -> str:
    """A command as text, if it is one that a node can run.

    :raises BackendError: it is empty, or has what no command can have.
    """
    words = [command] if isinstance(command, str) else list(command)
    if not words or not all(isinstance(word, str) for word in words) or not words[0]:
        raise BackendError(f"{node}: a command is a text, or words of which the first is not empty")
    text = " ".join(words)
    if "\0" in text:
        raise BackendError(f"{node}: a command can't have a NUL byte in it: {text[:60]!r}")
    try:
        text.encode("utf-8", "surrogateescape")  # what came from a command line may have octets
    except UnicodeEncodeError:
        why = "a command can't have half of a surrogate pair in it"
        raise BackendError(f"{node}: {why}: {text[:60]!r}") from None
    return text
