"""For those who write labs and backends.

:class:`FakeBackend` answers from a table: for unit tests of what stands above a backend.
:class:`BackendContract` is what every backend must do: subclass it with a fixture
``make_backend``; the contracts of what a backend can do besides are beside it.
:func:`prove_check` shows that a step's check can fail.
"""

from labkernel.proving import prove_check
from labkernel.testing.capabilities import (
    CablesContract,
    DialContract,
    ShellContract,
    StateContract,
    TurnsContract,
)
from labkernel.testing.contract import BackendContract
from labkernel.testing.fake import FakeBackend
from labkernel.testing.topology import CONTRACT_TOPOLOGY

__all__ = [
    "CONTRACT_TOPOLOGY",
    "BackendContract",
    "CablesContract",
    "DialContract",
    "FakeBackend",
    "ShellContract",
    "StateContract",
    "TurnsContract",
    "prove_check",
]
