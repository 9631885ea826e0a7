"""Root of a node changes settings of its own namespaces, and none of the machine's."""

from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend
from labkernel.testing import CONTRACT_TOPOLOGY

pytestmark = pytest.mark.backend

# changes whatever setting lets itself be changed, and prints which did; the one that is the
# machine's, and can't be set back, stays as it is: see SECURITY.md
_CHANGE = """
import os
for folder, _, names in os.walk("/proc/sys"):
    for name in names:
        path = os.path.join(folder, name)
        if name == "nf_hooks_lwtunnel" or not os.access(path, os.W_OK):
            continue
        try:
            number = int(open(path).read())
        except (OSError, ValueError):
            continue
        for other in (number ^ 1, number + 2, number - 1):
            try:
                with open(path, "w") as file:
                    file.write(str(other))
            except OSError:
                continue
            print(path)
            break
"""


def test_settings_of_the_machine(runtime_directory: Path) -> None:
    """None of the settings in /proc/sys that root of a node can change is the machine's."""
    images.build("base")
    backend = NamespacesBackend("settings", linger=0)
    backend.up(CONTRACT_TOPOLOGY)
    try:
        before = _settings()
        changed = backend.run("alpha", ["python3", "-c", _CHANGE]).output.splitlines()
        after = _settings()
    finally:
        backend.down()
    assert len(changed) > 100
    theirs = {path for path in changed if before.get(path) != after.get(path)}
    assert theirs <= {"/proc/sys/kernel/ns_last_pid"}  # which every new process changes, there too


def _settings() -> dict[str, str]:
    """The settings of the machine, by their paths."""
    found = {}
    for path in Path("/proc/sys").rglob("*"):
        try:
            found[str(path)] = path.read_text()
        except (OSError, ValueError):
            continue  # a directory, or for writing alone
    return found
