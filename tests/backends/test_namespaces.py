"""The namespaces backend does what every backend must; as whoever runs the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel.backends.namespaces import NamespacesBackend
from labkernel.testing import (
    BackendContract,
    CablesContract,
    DialContract,
    ShellContract,
    StateContract,
    TurnsContract,
)

pytestmark = pytest.mark.backend


@pytest.fixture(scope="module")
def make_backend(runtime_directory: Path) -> Callable[..., NamespacesBackend]:
    """Backends that end with their clients, in a runtime directory of these tests' own."""
    return lambda instance="contract": NamespacesBackend(instance, linger=0)


class TestNamespaces(
    BackendContract, ShellContract, DialContract, CablesContract, StateContract, TurnsContract
):
    """See BackendContract."""
