"""An emulated arm64 machine takes minutes to make and to boot, and root to make it."""

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.geteuid() == 0 else ["test_*.py"]


@pytest.hookimpl(tryfirst=True)  # before the long ones are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For the long part."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for mark in ("backend", "slow", "long"):
                item.add_marker(mark)
            item.add_marker(pytest.mark.timeout(3600))
