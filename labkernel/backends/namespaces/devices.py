"""Requires features of the machine that nodes need: IPv6, FUSE, files with O_DIRECT."""

import os
import platform
from pathlib import Path

from labkernel.errors import BackendUnavailable
from labkernel.topology import Topology


def require_ipv6(settings: str = "/proc/sys/net/ipv6") -> None:
    """Require IPv6: every node has link-local addresses.

    :raises BackendUnavailable: the kernel was started without IPv6.
    """
    if not Path(settings).exists():
        raise BackendUnavailable(
            "namespaces",
            "this kernel has no IPv6",
            "take ipv6.disable=1 off the kernel's command line (/proc/cmdline shows it), and boot",
        )


def require(topology: Topology, device: str = "/dev/fuse") -> None:
    """Require access to /dev/fuse for nodes that mount by FUSE; udev gives it to everybody
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
    """Require O_DIRECT for files of nodes, which are in memory (tmpfs supports it since Linux 6.6).

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
