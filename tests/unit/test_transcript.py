"""Two runs that did the same give the same transcript."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkernel import Attempt, CheckFailed, Lab, Link, Node, Outcome, RunningLab
from labkernel.plain import plain
from labkernel.testing import FakeBackend
from labkernel.transcript import LINES, fixed, normalise, shorten, transcript

OUTPUTS = Path(__file__).parent / "outputs"


def never(attempt: Attempt) -> str:
    raise CheckFailed("more", "there is less")


@pytest.fixture
def running() -> RunningLab:
    lab = Lab(
        "pair",
        [Node("client"), Node("server")],
        [Link("lan", "client:eth0", "server:eth0", prefix="2001:db8::/64")],
    )
    return RunningLab(lab, FakeBackend())


@pytest.mark.parametrize("name", sorted(path.name for path in (OUTPUTS / "a").iterdir()))
def test_two_machines_give_one_text(name: str) -> None:
    """What two machines really printed (other MACs, pids, times, ports) becomes one text."""
    one, other = (plain((OUTPUTS / run / name).read_text()) for run in "ab")
    if one != other:
        assert normalise(one) == normalise(other)
    assert normalise(normalise(one)) == normalise(one)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "64 bytes from ::1: icmp_seq=1 ttl=64 time=0.045 ms",
            "64 bytes from ::1: icmp_seq=1 ttl=64 time=<dur>",
        ),
        ("rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms, pipe 2", "rtt min/avg/max/mdev = <dur>"),
        (
            "default via fe80::1 dev eth0 proto ra expires 1799sec pref medium",
            "default via fe80::1 dev eth0 proto ra expires <dur> pref medium",
        ),
        ("2: eth0@if27: <UP>", "2: eth0@if<if-1>: <UP>"),
        (
            "inet6 2001:db8::a8bb:ccff:fe00:1234/64 scope global dynamic mngtmpaddr",
            "inet6 <ip6-1>/64 scope global dynamic mngtmpaddr",
        ),
        ("   valid_lft 86395sec preferred_lft 14395sec", "   valid_lft <dur> preferred_lft <dur>"),
        ("Date: Mon, 23 Nov 2026 14:51:15 GMT", "Date: <clock>"),
        ("Mon Nov 23 14:41:52 UTC 2026", "<clock>"),
        ("2026-11-23T14:41:52.123+00:00 up", "<clock> up"),
        ("Nov 23 14:41:52 server nginx[12]: ok", "<clock> server nginx[12]: ok"),
        ('ETag: "655f-1a"', "ETag: <etag>"),
        ("[1] 4711", "[1] <pid-1>"),
        (
            "nginx: pid 12, again pid 12, other pid=13",
            "nginx: pid <pid-1>, again pid <pid-1>, other pid=<pid-2>",
        ),
        ("[ 5] 9.42 Gbits/sec", "[ 5] <rate>"),
        ("b7e6a1f2-9d5c-4c1e-8a54-0242ac120002 up", "<uuid-1> up"),
        (
            "2001:db8::1234:5678:9abc:def0 2001:db8::1 2001:db8::1234:5678:9abc:def0",
            "<ip6-1> 2001:db8::1 <ip6-1>",
        ),
        ("answered by 2001:db8:100::dead:b33f", "answered by 2001:db8:100::dead:b33f"),
        ("ff02::1:ff00:2 and 33:33:ff:00:00:02", "ff02::1:ff00:2 and 33:33:ff:00:00:02"),
        (
            "2026-11-30T01:45Z 7f5b7affd6c0 -1 monclient: handle_auth_reply_more no one?\npool: 1",
            "pool: 1",
        ),
        ("a\nstart-stop-daemon: warning: failed to kill 115: No such process", "a"),
        ("start-stop-daemon: warning: failed to kill 115: No such process\na", "a"),
        ("std::string 10:20 1:2:3 version 1.26.3", "std::string 10:20 1:2:3 version 1.26.3"),
    ],
)
def test_lines(line: str, expected: str) -> None:
    """Each kind of unstable value has its token; what is stable stays."""
    assert normalise(line) == expected


def test_fixed_addresses_stay(running: RunningLab) -> None:
    """What the topology fixes stays: addresses, MACs, and the addresses made from these."""
    port = running.topology.ports[0]
    local = next(text for text in fixed(running.topology) if text.startswith("fe80"))
    line = f"{port.mac} {port.addresses[0]} {local} 02:aa:aa:aa:aa:aa"
    assert normalise(line, fixed(running.topology)) == line.replace("02:aa:aa:aa:aa:aa", "<mac-1>")


def test_slaac_address_of_a_fixed_mac_stays(running: RunningLab) -> None:
    """An address that SLAAC made by EUI-64 from a fixed MAC is the same on every machine."""
    keep = fixed(running.topology)
    local = next(text for text in keep if text.startswith("fe80"))
    line = f"inet6 2001:db8:7:1:{local.removeprefix('fe80::')}/64"
    assert normalise(line, keep) == line


def test_named_addresses_stay(running: RunningLab) -> None:
    """An address that the command names stays as it is."""
    address = "2001:db8:100:0:1234:5678:9abc:def0"
    keep = fixed(running.topology, f"ping -c 1 {address}")
    assert normalise(f"{address} ok", keep) == f"{address} ok"


def test_volatile_named_group_becomes_a_token() -> None:
    """A step's own pattern masks what its named group matches."""
    text = "answered 57,321 a second\nanswered 3 times"
    assert normalise(text, volatile=[r"(?P<rate>[\d,]+) a second"]) == (
        "answered <rate> a second\nanswered 3 times"
    )


def test_volatile_without_a_group_masks_the_whole_match() -> None:
    """A pattern without a group masks all that it matches."""
    assert normalise("token abc123 given", volatile=["abc[0-9]+"]) == "token <…> given"


def test_plain_shows_what_a_terminal_shows() -> None:
    """Colours go, overwritten lines show what was written last, rubbed-out letters are gone."""
    assert plain("\x1b[1;31mred\x1b[0m\r\n10%\r100%\nab\x08c\n\x1b]0;title\x07end") == (
        "red\n100%\nac\nend"
    )


def test_long_output_keeps_both_ends() -> None:
    """Of a long output the beginning and the end stay, and how much is missing."""
    lines = shorten([str(number) for number in range(1000)])
    assert len(lines) == LINES + 1
    assert (lines[0], lines[-1], "[… 800 lines …]" in lines) == ("0", "999", True)


def test_transcript_of_a_step(running: RunningLab) -> None:
    """A transcript has the title, the command at the node's prompt, the output and the verdict."""
    step = running.lab.step(
        "say-it", "Say it", on="client", run="echo a\necho b", check=never, wrong="true"
    )
    outcome = Outcome(step, step.run, 3, "a\nb 0.2 ms\n", 0.1, failure=CheckFailed("c", "it is b"))
    assert transcript(outcome, running.topology) == (
        "Say it\nclient$ echo a\n      > echo b\na\nb <dur>\n"
        "[exit code 3]\nNot yet: expected c, but it is b."
    )


values = st.tuples(
    st.floats(0.001, 9999, allow_nan=False).map("{:.3f}".format),
    st.integers(300, 4_000_000).map(str),
    st.integers(1 << 40, (1 << 64) - 1).map(
        lambda n: f"fd00::{n >> 48:x}:{n >> 32 & 65535:x}:{n >> 16 & 65535:x}:{n & 65535:x}"
    ),
    st.binary(min_size=5, max_size=5).map(lambda octets: "02:" + octets.hex(":")),
    st.integers(32768, 60999).map(str),
)


@given(values, values)
def test_any_two_runs_agree(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Whatever the times, pids, addresses and ports are, the transcript is the same."""

    def said(run: tuple[str, ...]) -> str:
        dur, pid, ip, mac, port = run
        return (
            f"time={dur} ms pid {pid} from {ip}: seq 1\n{ip} lladdr {mac} STALE\n"
            f"IP6 {ip}.{port} > 2001:db8::2.80: ok\nESTAB 0 0  [{ip}]:{port}   [::1]:80  x\n"
        )

    assert normalise(said(one)) == normalise(said(other))


@given(st.text(alphabet=st.sampled_from("0123456789abcdef:.<>-% sm/[]()@,=\nPIDTrTx"), max_size=80))
def test_idempotent(text: str) -> None:
    """A transcript is stable under a second normalisation."""
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=200))
def test_plain_is_idempotent(text: str) -> None:
    """Text that has been made plain is plain."""
    assert plain(plain(text)) == plain(text)
