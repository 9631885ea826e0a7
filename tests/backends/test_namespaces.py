"""The namespaces backend does what every backend must; as whoever runs the tests."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel.backends.namespaces import NamespacesBackend
from labkernel.testing import BackendContract

pytestmark = pytest.mark.backend


@pytest.fixture(scope="module")
def make_backend(runtime_directory: Path) -> Callable[..., NamespacesBackend]:
    """Backends that end with their clients, in a runtime directory of these tests' own."""
    return lambda instance="contract": NamespacesBackend(instance, linger=0)


class TestNamespaces(BackendContract):
    """See BackendContract."""

    def test_dial(self, backend: NamespacesBackend) -> None:
        """A command is spoken with over a socket, octet for octet, until one side ends it."""
        data = bytes(range(256)) * 400
        with backend.dial("alpha", ["cat"]) as there:
            there.sendall(data[:1000])
            assert there.recv(1000, socket.MSG_WAITALL) == data[:1000]
        assert backend.run("alpha", "until ! pgrep -x cat; do sleep 0.05; done", timeout=20).ok
        with backend.dial("alpha", ["head", "-c", "5"]) as there:
            there.sendall(b"hello")
            assert there.makefile("rb").read() == b"hello"
