"""For those who write labs and backends.

:class:`FakeBackend` answers from a table: for unit tests of what stands above a backend.
:class:`BackendContract` is what every backend must do: subclass it with a fixture `backend`.
:func:`prove_check` shows that a step's check can fail.
"""

from labkernel.testing.contract import CONTRACT_TOPOLOGY, BackendContract
from labkernel.testing.fake import FakeBackend
from labkernel.testing.proofs import prove_check

__all__ = ["CONTRACT_TOPOLOGY", "BackendContract", "FakeBackend", "prove_check"]
