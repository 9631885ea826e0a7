"""A lab is found again by a process that has not started it."""

from pathlib import Path

import pytest

from labkernel import Lab, Node, RunningLab

pytestmark = pytest.mark.backend


def test_found_without_starting_it(runtime_directory: Path) -> None:
    """Another object of the same lab, as after a restart of the kernel, sees that it runs, attaches
    to it, and can end it."""
    lab = Lab("again", [Node("alpha")])
    first, second = RunningLab(lab), RunningLab(lab)
    assert not second.is_up()
    first.up()
    try:
        first.run("alpha", "echo here > /root/mark", expect=0)
        assert second.is_up()
        assert second.run("alpha", "cat /root/mark").output == "here\n"
    finally:
        second.down()
    assert not first.is_up()
