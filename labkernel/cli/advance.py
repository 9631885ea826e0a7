"""Builds images for `labkernel open`: those of its first lab before the page opens, and the others
in the background, in the order of the course."""

import signal
import subprocess
import sys

from labkernel import images, labs, linux
from labkernel.cli import processes, terminal
from labkernel.cli.arguments import running_on
from labkernel.errors import LabError
from labkernel.images import mirror

_WITHIN = 5.0  # seconds
_NO_MIRROR = (
    "not built yet: {}, since {} does not answer. The page opens all the same. Try: a network, "
    "then Run; or labkernel image load FILE"
)


def build_for(lab: str) -> None:
    """Build what a lab lacks.  What can't be built is told, and keeps no page from opening."""
    try:
        found = running_on(labs.load(lab))
        missing = found.backend.missing_images(found.topology)
        if missing and not mirror.answers(_WITHIN):  # apt would try again and again, for minutes
            terminal.say(_NO_MIRROR.format(", ".join(missing), mirror.url()))
            return
        with terminal.progress() as on_progress:
            found.backend.build_missing_images(found.topology, on_progress)
    except LabError as error:
        terminal.say(str(error))


def build_the_rest() -> None:
    """Begin to build what else is missing, with low priority; it ends when this process does, or
    what that becomes.  A card whose lab comes too early builds for itself, and says why it can't.
    """
    if sys.platform != "linux" or images.missing_tools():
        return
    if all(each.built for each in images.wanted_here()):
        return
    subprocess.Popen(
        processes.labkernel("image", "build", "--in-advance"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # JupyterLab asks before it ends by Ctrl-C
        preexec_fn=lambda: linux.die_with_parent(signal.SIGTERM),  # noqa: PLW1509  one system call
    )


def in_order() -> list[str]:
    """Every image that this machine's processor can run, those of the course's first labs first."""
    known = [each.name for each in images.wanted_here()]
    wanted = [name for lab in labs.names() for name in _images_of(lab)]
    return [name for name in dict.fromkeys([*wanted, *known]) if name in known]


def _images_of(lab: str) -> list[str]:
    try:
        return [node.image for node in labs.load(lab).topology.nodes]
    except LabError:
        return []
