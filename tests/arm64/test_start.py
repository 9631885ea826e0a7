"""labkernel on an arm64 processor, with Debian's kernel for it."""

from pathlib import Path

import pytest

from tests.arm64 import machine

# it takes minutes to make, and to boot
pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(3600)]


def test_the_first_lab(tmp_path: Path) -> None:
    """The image of nodes is built there, the first lab comes up, its checks refuse before and its
    steps pass; what is for x86-64 alone says so."""
    machine.make(tmp_path)
    told = list(machine.results(tmp_path))
    assert told[0] == {"processor": "aarch64"}
    assert told[1]["vm"].startswith('image "vm" is for x86_64 alone, and this machine\'s processor')
    refused = [each["refused"] for each in told if "refused" in each]
    assert [each["passed"] for each in told if "passed" in each] == [True, True], told
    assert len(refused) == 2
    assert all(refused)
    assert told[-1] == {"node": "aarch64\n"}
