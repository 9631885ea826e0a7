"""A command on a node, and its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkernel.errors import BackendError

Command = str | Sequence[str]
"""Text for ``bash -c``, or the words of a command that runs without a shell."""

OnOutput = Callable[[str], None]
"""Called with each piece of output when it is read; a piece is not necessarily a line."""


@dataclass(frozen=True)
class Octets:
    """An :data:`OnOutput` that gets the output as bytes.

    :param take: called with each piece.
    """

    take: Callable[[bytes], None]

    def __call__(self, text: str) -> None:
        """Take a piece of a backend that has only text."""
        self.take(text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class Result:
    """The result of a command.

    :param node: the node on which it ran.
    :param command: the command, as text.
    :param exit_code: 128 plus the signal's number if a signal ended it (POSIX shells).
    :param output: standard output and error together, decoded as UTF-8 with U+FFFD for invalid
        bytes; if it was longer than the limit (1 MiB), its beginning and its end.
    :param seconds: wall-clock time.
    :param timed_out: whether it was ended at its timeout.
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
        """It ended with exit code 0."""
        return self.exit_code == 0


def require_command(node: str, command: Command) -> str:
    """A command as text, validated.

    :raises BackendError: it is empty, or has characters that no command can have.
    """
    words = [command] if isinstance(command, str) else list(command)
    if not words or not all(isinstance(word, str) for word in words) or not words[0]:
        raise BackendError(f"{node}: a command is a text, or words of which the first is not empty")
    text = " ".join(words)
    if "\0" in text:
        raise BackendError(f"{node}: a command can't have a NUL byte in it: {text[:60]!r}")
    try:
        text.encode("utf-8", "surrogateescape")  # a command line may have bytes that are not UTF-8
    except UnicodeEncodeError:
        why = "a command can't have half of a surrogate pair in it"
        raise BackendError(f"{node}: {why}: {text[:60]!r}") from None
    return text
