"""Hitch: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, LabError, RunningLab, Step
from labkernel.labs import hitch
from labkernel.labs.hitch import commands as c
from labkernel.labs.hitch import measuring

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "hitch"

_ONE_SIDED = f"echo 'write-proxy-v2 = on' >> {c.CONF}; {c.RESTART}"
_BACK = f"sed -i '/^write-proxy-v2/d' {c.CONF}\n{c.RESTART}"
_CACHE_ALONE = f"{c.STOP_VARNISH}\n{c.varnish('[::1]:8080,PROXY')}"
_CACHE_BACK = f"{c.STOP_VARNISH}\n{c.varnish('[::1]:8080')}"
_LINK = f"ln {c.ALL}/{c.ADDED}.pem {c.CERTS}/"
_VICTIM = f"{c.CERTS}/{c.VICTIM}.pem"

MISTAKES: Mistakes = {
    hitch.configure: [
        ("bullseye", "true", "true", "Unable to open configuration file"),
        (
            "bullseye",
            f"sed 's/pem-dir/pem_dir/' <<'X' > {c.CONF}\n{c.CONFIGURE}\nX",
            f"rm {c.CONF}",
            "Parsing error",
        ),
    ],
    hitch.second: [
        ("bookworm", "true", "true", "Hitch does not run on bookworm"),
        (
            "bookworm",
            f"{c.TAKE}\n{c.CONFIGURE}\nsed -i 's/:443/:4443/' {c.CONF}\n{c.START}",
            c.NO_SERVER,
            "bookworm listens on [::]:4443",
        ),
        (
            "bookworm",
            f"{c.TAKE.replace('1,500p', '1,400p')}\n{c.CONFIGURE}\n{c.START}",
            c.NO_SERVER,
            "it gives that of site000001.example",
        ),
        (
            "bookworm",
            f"{c.TAKE}\n{c.CONFIGURE}\n",
            c.NO_SERVER,
            "Start it: --config, --daemon",
        ),
    ],
    hitch.find: [
        ("trixie", "true", "true", "but there is none"),
        ("trixie", "echo apache > /root/slowest", "rm /root/slowest", "One of hitch, haproxy"),
        (
            "trixie",
            f"{c.FIND_SLOWEST.replace('tail -n 1', 'head -n 1')}",
            "rm /root/slowest",
            "another one takes",
        ),
    ],
    hitch.keep: [
        ("trixie", "true", "true", "it is told that ::1 asks. Varnish knows who connects"),
        ("trixie", _ONE_SIDED, _BACK, "Varnish takes it for HTTP"),
        ("trixie", _CACHE_ALONE, _CACHE_BACK, "a PROXY header that Hitch does not send"),
    ],
    hitch.pair: [
        ("trixie", "true", "true", "the key in it is that of site000008.example"),
        (
            "trixie",
            f"cp {c.ALL}/{c.OTHER}.pem {_VICTIM}",
            f"rm {_VICTIM}\n{c.UNMIX}\n{c.MIX}",
            "the certificate in it is that of site000008.example",
        ),
        (
            "trixie",
            f"openssl x509 -in {_VICTIM} > /tmp/c; mv /tmp/c {_VICTIM}",
            f"{c.UNMIX}\n{c.MIX}",
            "there is no certificate and key in it",
        ),
    ],
    hitch.refuse: [
        ("trixie", "true", "true", "unknown.example is given the certificate of site000001"),
        (
            "trixie",
            f"echo 'sni-nomatch-abort = on' >> {c.CONF}",
            f"sed -i '/^sni-nomatch-abort/d' {c.CONF}",
            "it is read at the start",
        ),
        (
            "trixie",
            f"echo 'sni-nomatch-abort = perhaps' >> {c.CONF}\n{c.RESTART} || true",
            c.DO_NOT_ABORT,
            "Hitch does not run on trixie",
        ),
    ],
    hitch.reload: [
        ("trixie", "true", "true", f"Its certificate is in {c.ALL}, not in {c.CERTS}"),
        ("trixie", _LINK, f"rm {c.CERTS}/{c.ADDED}.pem", "has Hitch been told"),
        ("trixie", f"{_LINK}\n{c.RESTART}", c.RELOAD_WITHOUT, "3 of 3 connections were lost"),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.walk(hitch.reload)
def test_a_second_attempt_at_a_reload_counts_afresh(running: RunningLab) -> None:
    """After a restart that lost connections was taken back, a reload that loses none passes."""
    assert not running.do(hitch.reload, f"{_LINK}\n{c.RESTART}").passed
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
