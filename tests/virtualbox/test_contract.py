"""The VirtualBox backend does what every backend must.

VBoxManage is the real one; the machines that it has registered are run by QEMU, see qemu.py.
"""

import pytest

from labkernel.testing import BackendContract

pytestmark = [pytest.mark.backend, pytest.mark.slow]


class TestVirtualBox(BackendContract):
    """See BackendContract."""
