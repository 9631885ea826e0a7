"""What this machine can run, in the page."""

from labkernel.doctor import Fact, LabAbility, Report
from labkernel.notebook.checkup import html


def report(able: bool) -> Report:
    """A machine that can, or can't, run the one lab."""
    why, remedy = ("", "") if able else ("there is no <kernel>", "apt install one")
    return Report(
        facts=(Fact("memory", "25.3 GB", True),),
        backends=(),
        labs=(LabAbility("anyip", able, why, remedy, title="One route"),),
    )


def test_a_lab_that_can_run() -> None:
    """Where all is well there is a yes, and no column of what to do."""
    page = html(report(able=True), with_facts=False)
    assert "anyip: One route" in page
    assert ">yes<" in page
    assert "What to do" not in page


def test_a_lab_that_can_not_run() -> None:
    """For each no there is the reason and what to do, in escaped words."""
    page = html(report(able=False), with_facts=False)
    assert "no: there is no &lt;kernel&gt;" in page
    assert "apt install one." in page


def test_facts_are_for_live_pages_only() -> None:
    """What was found on this machine is not part of what is saved and shared."""
    assert "25.3 GB" in html(report(able=True), with_facts=True)
    assert "25.3 GB" not in html(report(able=True), with_facts=False)
