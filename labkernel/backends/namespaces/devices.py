"""What nodes need of the machine: IPv6, and devices that may not be open to everyone."""

import os
import platform
from pathlib import Path

from labkernel.errors import BackendUnavailable
from labkernel.topology import Topology


def require_ipv6(settings: str = "/proc/sys/net/ipv6") -> None:
    """Every node has link-local addresses.

    :raises BackendUnavailable: the kernel was started without IPv6.
    """
    if not Path(settings).exists():
        raise BackendUnavailable(
            "namespaces",
            "this kernel has no IPv6",
            "take ipv6.disable=1 off the kernel's command line (/proc/cmdline shows it), and boot",
        )


def require(topology: Topology, device: str = "/dev/fuse") -> None:
    """A node that mounts by FUSE needs its device, which udev opens to everyone
    (rules.d/50-udev-default.rules).

    :raises BackendUnavailable: this user can't open it.
    """
    needing = [node.name for node in topology.nodes if node.fuse]
    if not needing:
        return
    if not Path(device).exists():
        why = f"{needing[0]} mounts by FUSE, and there is no {device}"
        raise BackendUnavailable("namespaces", why, "sudo modprobe fuse")
    if not os.access(device, os.R_OK | os.W_OK):
        why = f"{needing[0]} mounts by FUSE, and this user may not open {device}"
        raise BackendUnavailable("namespaces", why, f"sudo chmod 666 {device}")


def require_direct_io() -> None:
    """The files of a node are in memory, and the kernel opens those with O_DIRECT (Linux 6.6).

    :raises BackendUnavailable: it doesn't.
    """
    tried = os.memfd_create("labkernel", os.MFD_CLOEXEC)  # of the same file system (tmpfs)
    try:
        os.close(os.open(f"/proc/self/fd/{tried}", os.O_RDWR | os.O_DIRECT | os.O_CLOEXEC))
    except OSError:
        here = platform.release()
        raise BackendUnavailable(
            "namespaces",
            f"the files of nodes are in memory, and this kernel ({here}) opens no such file with "
            "O_DIRECT",
            "a kernel of version 6.6 or newer",
        ) from None
    finally:
        os.close(tried)
