"""Checks of an installation from an ISO."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.checks import looks_at

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at()
def runs_from_its_disk(attempt: "Attempt") -> str:
    """After the reboot the machine has its name, its file system and its services."""
    text = attempt.output
    after = text.rpartition("login: ")[2] if "login: " in text else ""
    for pattern, what in (
        (r"^hypervisor$", "the name hypervisor"),
        (r"^/dev/\S+ +xfs$", "an XFS as the root file system"),
        (r"^active\nactive$", "sshd and libvirtd, active"),
    ):
        if not re.search(pattern, after, re.MULTILINE):
            seen = "it was not booted" if not after else "the console shows something else"
            raise CheckFailed(f"{what} after the reboot from the disk", seen)
    return "NixOS runs from its disk: it has its name, its XFS, sshd and libvirtd"
