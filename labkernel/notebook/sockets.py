"""The connection to kernels of headless notebooks: sockets in a private directory."""

import os
import sys
import tempfile

#: sun_path of unix(7) has room for 107 bytes: for this, and ``/lk-xxxxxxxx/kernel-ipc-5``
_LONGEST_PATH = 107 - len("/lk-xxxxxxxx/kernel-ipc-99999")


def socket_directory() -> str:
    """The directory for temporary files; another where its path is too long for a socket's, since
    a kernel that can't make its sockets is waited for in vain."""
    usual = tempfile.gettempdir()
    directories = (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp")
    return next((p for p in directories if p and len(p.encode()) <= _LONGEST_PATH), usual)


def by_sockets_in(directory: str) -> dict[str, str]:
    """The options of a kernel's connection: unlike ports, other users can't use these sockets.

    On Windows ZeroMQ has only ports, on 127.0.0.1, and the kernel's key protects them.
    """
    if sys.platform == "win32":
        return {}
    return {"transport": "ipc", "connection_file": f"{directory}/kernel.json"}
