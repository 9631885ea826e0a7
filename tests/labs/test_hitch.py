"""Hitch: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, LabError, RunningLab
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.files import ADDED, ALL, CERTS
from labkernel.labs.hitch.commands.serving import RESTART
from labkernel.labs.hitch.views import measuring

pytestmark = pytest.mark.backend

LAB = "hitch"

_LINK = f"ln {ALL}/{ADDED}.pem {CERTS}/"


@pytest.mark.walk(hitch.reload)
def test_a_second_attempt_at_a_reload_counts_afresh(running: RunningLab) -> None:
    """After a restart that lost connections was taken back, a reload that loses none passes."""
    assert not running.do(hitch.reload, f"{_LINK}\n{RESTART}").passed
    running.undo(hitch.reload)
    with pytest.raises(CheckFailed, match="Its certificate is in"):
        running.evidence(hitch.reload)  # waits until the load has seen that the name is gone
    outcome = running.do(hitch.reload)
    assert outcome.passed, outcome.verdict()
    running.undo(hitch.reload)


@pytest.mark.walk(hitch.release)
def test_measuring_gives_a_line_that_foretells(running: RunningLab) -> None:
    """More certificates take more time and memory; the table, the plot and the prediction have each
    stack, and RSA certificates with one key are served as well."""
    told: list[float | None] = []
    measured = hitch.measure(
        [200, 800],
        ["bullseye", "haproxy"],
        lab=running,
        on_progress=lambda _, part: told.append(part),
    )
    assert [(each.stack, each.number) for each in measured.starts] == [
        ("bullseye", 200),
        ("bullseye", 800),
        ("haproxy", 200),
        ("haproxy", 800),
    ]
    assert told[-1] == 1.0
    for stack in measured.stacks:
        line = measured.line(stack)
        assert line.seconds > 0
        assert 8_000 < line.octets < 60_000
    assert "Hitch 1.6, OpenSSL 1.1.1" in measured._repr_html_()
    assert list(hitch.predict(measured, 50_000).table().columns) == ["start", "memory"]
    with_rsa = hitch.measure([100], ["bullseye"], kind="rsa", lab=running)
    assert with_rsa.starts[0].seconds > 0
    assert str(hitch.compare(measured, with_rsa)) == "100 certificates: predicted, and measured"


@pytest.mark.walk(hitch.release)
def test_what_can_not_be_measured_is_said_beforehand(
    running: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too little memory nothing is started, and the numbers are in the message."""
    monkeypatch.setattr(measuring, "available_memory", lambda *_: 700.0)
    with pytest.raises(LabError, match=r"50,000 certificates in Hitch 1\.8.* 1,800 MiB, and 700"):
        hitch.measure([50_000], ["trixie"], lab=running)
    with pytest.raises(LabError, match='there is no stack "apache"; stacks: bullseye'):
        hitch.measure([100], ["apache"], lab=running)
