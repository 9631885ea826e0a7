"""Python runs this at its start where it finds it: the machines of VirtualBox, which the command
and the notebook's kernel then start, run in QEMU.  All else of them is as it is for people."""

import os
from pathlib import Path

from labkernel.backends.virtualbox import hypervisor
from tests.virtualbox.qemu import Qemu


class Here(Qemu):
    """QEMU, in the folder that the test names."""

    def __init__(self) -> None:
        super().__init__(Path(os.environ["LABKERNEL_TEST_QEMU"]))


hypervisor.Hypervisor = Here  # type: ignore[misc]
