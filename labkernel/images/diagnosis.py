"""From the log of a build that failed to a sentence: which image, which step, why, what to try."""

import os
import re
from pathlib import Path

from labkernel.errors import ImageError, last_line
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
        r"no Release file",
    )
)
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
    r"NO_PUBKEY|is not signed|not available signature|signatures? .*invalid": (
        "sudo apt-get install debian-archive-keyring, or another mirror with LABKERNEL_MIRROR"
    ),
    _OFFLINE: (
        "look whether this machine is online, choose another mirror with LABKERNEL_MIRROR "
        "(this was {mirror}), or load an image that was built elsewhere: labkernel image load"
    ),
}
_PROBLEM = re.compile(
    r"(E|Err|W|error|dpkg|labkernel|mount|mmdebstrap|.*: error|.*failed)\b", re.IGNORECASE
)


def failed(name: str, step: str, code: int, log: Path) -> ImageError:
    """What to raise when layer.sh has ended with an exit code other than 0.

    :param step: what it was doing, in words for people.
    """
    text = _end_of(log)
    if code == 3 and (refused := re.search(r"^labkernel: (.*)", text, re.MULTILINE)):
        return ImageError(f'image "{name}" can\'t be built: {refused.group(1)}')
    ended = f"signal {-code}" if code < 0 else f"exit code {code}"
    return ImageError(
        f'image "{name}" was not built: {step} failed ({ended}): {_said(text)} '
        f"Try: {_remedy(text)}. The whole log: {log}"
    )


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _BYTES))
        return file.read().decode(errors="replace")


def _said(text: str) -> str:
    problems = [line for line in text.splitlines() if _PROBLEM.match(line)]
    return last_line("\n".join(problems) or text) or "it printed nothing."


def _remedy(text: str) -> str:
    for pattern, remedy in _CAUSES.items():
        if re.search(pattern, text):
            return remedy.format(mirror=mirror.url())
    return "read the log, and build again"
