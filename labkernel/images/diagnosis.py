"""From the log of a build that failed to a sentence: which image, which step, why, what to try."""

import os
import re
from pathlib import Path

from labkernel.errors import ImageError, first_line, last_line
from labkernel.images import mirror

_BYTES = 20_000  # of the log's end

_OFFLINE = "|".join(
    (
        r"Temporary failure resolving",
        r"Could not (resolve|connect)",
        r"Unable to connect",
        r"Failed to fetch",
        r"Connection (timed out|refused|failed)",
        r"Network is unreachable",
    )
)
_NO_SUITE = r"does not have a Release file|no longer has a Release file|404 +Not Found"
# What the log says, and what to try; the first that is found counts.
_CAUSES = {
    r"No space left on device|Disk quota exceeded": (
        "free some space, or set XDG_CACHE_HOME to a directory where there is more"
    ),
    r"wrong fs type|mount: .*/merged: .*(invalid|not supported|cannot)": (
        "set XDG_CACHE_HOME to a directory on ext4, xfs or btrfs: layers need overlayfs on it"
    ),
    r"Unable to locate package|has no installation candidate": (
        'correct "packages" in its image.toml'
    ),
    _NO_SUITE: (
        "another mirror with LABKERNEL_MIRROR (this was {mirror}): this one does not have it; or "
        "load an image that was built elsewhere: labkernel image load"
    ),
    _OFFLINE: (
        "look whether this machine is online, choose another mirror with LABKERNEL_MIRROR "
        "(this was {mirror}), or load an image that was built elsewhere: labkernel image load"
    ),
    r"NO_PUBKEY|is not signed|not available signature|signatures? .*invalid": (
        "sudo apt-get install debian-archive-keyring, or another mirror with LABKERNEL_MIRROR"
    ),
}


def failed(name: str, step: str, code: int, log: Path) -> ImageError:
    """The error for an exit code of layer.sh other than 0.

    :param step: the step that failed, in words for people.
    """
    text = _end_of(log)
    if code == 3 and (refused := re.search(r"^labkernel: (.*)", text, re.MULTILINE)):
        return ImageError(f'image "{name}" can\'t be built: {refused.group(1)}')
    message, remedy = _cause(text)
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    return ImageError(
        f'image "{name}" was not built: {step} failed ({ended}): {message.rstrip(".:")}',
        f"{remedy}. The whole log: {log}",
    )


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _BYTES))
        return file.read().decode(errors="replace")


def _cause(text: str) -> tuple[str, str]:
    """The cause of a failure according to a log, and the remedy."""
    for pattern, remedy in _CAUSES.items():
        found = [line for line in text.splitlines() if re.search(pattern, line)]
        if found:
            return first_line("\n".join(_errors(found) or found), 200), remedy.format(
                mirror=mirror.url()
            )
    message = last_line("\n".join(_errors(text.splitlines())) or text)
    return message or "it printed nothing", "read the log, and build again"


def _errors(lines: list[str]) -> list[str]:
    """The lines that apt and similar programs mark as errors."""
    return [line for line in lines if line.startswith("E: ")]
