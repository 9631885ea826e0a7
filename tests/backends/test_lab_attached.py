"""A lab is found again by a process that has not started it."""

from pathlib import Path

import pytest

from labkernel import Attempt, Lab, Node, RunningLab, labs

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


def test_one_lab_several_times(runtime_directory: Path) -> None:
    """One process runs a lab as often as it likes, each in an instance of its own; what has passed
    in one has not in the other."""
    lab = Lab("again", [Node("alpha")])
    step = lab.step(
        "mark", "Mark it", on="alpha", run="echo a > /root/mark", check=_marked, wrong="x"
    )
    with RunningLab(lab, instance="one") as one, RunningLab(lab, instance="two") as two:
        assert one.do(step).passed
        assert (one.has_passed(step), two.has_passed(step)) == (True, False)
        assert not two.run("alpha", "cat /root/mark").ok


def test_labs_that_differ_by_variables(runtime_directory: Path) -> None:
    """A lab that is made with variables runs with them, beside the one without."""
    made = [labs.load("start"), labs.load("start", {"prefix": "2001:db8:77::/64"})]
    with RunningLab(made[0], instance="one") as one, RunningLab(made[1], instance="two") as two:
        for running in (one, two):
            outcomes = [running.do(step) for step in running.lab.steps]
            assert [each.verdict() for each in outcomes if not each.passed] == []
        assert "2001:db8:77::b0b" in two.run("bravo", "ip -6 address").output
        assert "2001:db8:77:" not in one.run("bravo", "ip -6 address").output
    with pytest.raises(labs.BrokenLab, match=r"prefix='2001:db8::/48' is a /48, and no /64"):
        labs.load("start", {"prefix": "2001:db8::/48"})


def _marked(attempt: Attempt) -> str:
    return attempt.run("alpha", "cat /root/mark", expect=0).output
