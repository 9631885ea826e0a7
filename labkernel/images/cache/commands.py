"""Commands on files of the cache, which belong to the ids of a user namespace."""

import subprocess

from labkernel import user_namespace
from labkernel.errors import ImageError, last_line
from labkernel.images.cache.directories import directory


def in_namespace(words: list[str]) -> str:
    """Run a command as root of a user namespace, to whose ids the files belong; returns its output.

    :raises ImageError: it failed; with the last line of its output.
    """
    ended = subprocess.run(
        user_namespace.command(words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode != 0:
        message = (
            last_line(ended.stderr).removeprefix("labkernel: ") or f"exit code {ended.returncode}"
        )
        raise ImageError(f"`{words[0]}` failed on the images in {directory()}: {message}")
    return ended.stdout
