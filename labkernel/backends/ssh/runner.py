"""The runner: the bash in each session, which runs the commands there and tells how they ended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labkernel.errors import BackendError

if TYPE_CHECKING:
    from paramiko import Channel, Transport

#: seconds within which a machine that works starts a command
START = 60.0
_LONGEST_COMMAND = 200_000  # bytes, as in namespaces

# Reads: a line with the mark, the number of words and of bytes; the words, each with a NUL; the
# bytes of standard input; then names of signals.  Writes: the mark when it starts the command, what
# the command prints, the mark again with the exit code and whether it takes another command (what
# else then comes is a signal that was too late).  `set -m`: a process group of its own.
_RUNNER = r"""
exec 2>/dev/null
set -m
unset SSH_CONNECTION SSH_TTY
export LANG=C.UTF-8 TERM=dumb SHELL=/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
while IFS=' ' read -r mark count size; do
    [ "$size" ] || continue
    mapfile -d '' -n "$count" -t words
    input=/dev/null
    ((size)) && input=$(mktemp) && head -c "$size" >"$input"
    exec 3<"$input"
    ((size)) && rm "$input"
    printf '%s start\n' "$mark"
    exec "${words[@]}" <&3 3<&- 2>&1 &
    job=$!
    exec 3<&-
    {
        while read -r signal; do kill -s "$signal" -- "-$job"; done
        kill -s KILL -- "-$job"
    } >/dev/null &
    ears=$!
    wait -f "$job"
    code=$?
    kill -s KILL -- "-$ears"
    wait "$ears"
    kill -s 0 -- "-$job" && more=0 || more=1
    printf '%s %s %s\n' "$mark" "$code" "$more"
    ((more)) || break
done
while read -r _; do :; done
"""
_COMMAND = "unset SSH_CLIENT SSH2_CLIENT; exec bash -c '{}'".format(_RUNNER.replace("'", r"'\''"))


def session(transport: "Transport") -> "Channel":
    """A new session, in which the runner waits for commands."""
    channel = transport.open_session(timeout=START)
    channel.exec_command(_COMMAND)
    return channel


def encoded(words: Sequence[str]) -> bytes:
    """The words of a command as the runner reads them.

    :raises BackendError: they are too long.
    """
    data = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)
    if len(data) > _LONGEST_COMMAND:
        raise BackendError(
            f"the command is too long: {len(data)} bytes; the longest is {_LONGEST_COMMAND}"
        )
    return data
