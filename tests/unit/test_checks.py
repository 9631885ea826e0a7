"""Checks, on a backend that answers from a table: what passes, and what a failure says."""

import json
from collections.abc import Mapping

import pytest

from labkernel import Attempt, CheckFailed, Expected, Lab, Link, Node, RunningLab
from labkernel.attempt import Check
from labkernel.checks import (
    address,
    both,
    eventually,
    fails,
    follow,
    ip_json,
    listens,
    pings,
    printed,
    reaches,
    route,
    shows,
)
from labkernel.testing import FakeBackend
from labkernel.testing.fake import Answer

FAR = "2001:db8:100::1"
NO_REPLY = (1, "1 packets transmitted, 0 received, 100% packet loss")


def a_lab(answers: Mapping[str, Answer]) -> RunningLab:
    """A client and a server with a router between them."""
    lab = Lab(
        "checks",
        nodes=[Node("client"), Node("router", forwards=True), Node("server")],
        links=[
            Link("lan", "client:eth0", "router:eth0", prefix="2001:db8:1::/64"),
            Link("rack", "router:eth1", "server:eth0", prefix="2001:db8:2::/64"),
        ],
    )
    return RunningLab(lab, FakeBackend(answers)).up()


def an_attempt(answers: Mapping[str, Answer]) -> Attempt:
    """What a check is given in that lab."""
    return a_lab(answers).attempt()


def failure(check: Check, answers: Mapping[str, Answer]) -> CheckFailed:
    """What a check that fails says."""
    with pytest.raises(CheckFailed) as caught:
        check(an_attempt(answers))
    return caught.value


def entry(**fields: str) -> str:
    """What `ip -j route get` prints."""
    return json.dumps([{"prefsrc": "2001:db8:1::1"} | fields])


def addresses(*texts: str) -> str:
    """What `ip -j address` prints."""
    infos = [{"local": ip, "prefixlen": int(n)} for ip, n in (t.split("/") for t in texts)]
    return json.dumps([{"ifname": "eth0", "addr_info": infos}])


#: the tables of a lab in which FAR is the server's, and the way back is there
WORKING: dict[str, Answer] = {
    f"client: ip -j route get {FAR}": entry(gateway="2001:db8:1::2", dev="eth0"),
    f"router: ip -j route get {FAR}": entry(gateway="2001:db8:2::2", dev="eth1"),
    f"server: ip -j route get {FAR}": entry(type="local", dev="lo"),
    "server: ip -j route get 2001:db8:1::1": entry(gateway="2001:db8:2::1", dev="eth0"),
    "router: ip -j route get 2001:db8:1::1": entry(dev="eth0"),
    "client: ip -j route get 2001:db8:1::1": entry(type="local", dev="lo"),
    "ip -j route get 2001:db8:2::9": entry(dev="eth0"),
    "client: ip -j address": addresses("2001:db8:1::1/64"),
    "router: ip -j address": addresses("2001:db8:1::2/64", "2001:db8:2::1/64"),
    "server: ip -j address": addresses("2001:db8:2::2/64"),
    "sysctl -n": "1\n",
    "ip -j neigh": "[]",
}


def test_eventually_repeats_until_it_passes() -> None:
    """A check that fails at first is repeated."""
    left = [1, 2, 3]

    def third_time(attempt: Attempt) -> str:
        if left.pop() > 1:
            raise CheckFailed("it", "it is not")
        return "it is"

    assert eventually(third_time)(an_attempt({})) == "it is"


def test_eventually_says_what_it_saw_last() -> None:
    """When the time is over, the last failure counts, with how long was waited."""
    check = eventually(printed("x"), within=0.02)
    assert "within 0.02 s" in failure(check, {}).expected.what


def test_eventually_does_not_wait_for_what_lasts() -> None:
    """A failure that is permanent is final long before the time is over, and says no time."""
    tries = []

    def lasts(attempt: Attempt) -> str:
        tries.append(1)
        raise CheckFailed("it", "it is not", permanent=True)

    assert failure(eventually(lasts, within=3600), {}).expected == Expected("", "it")
    assert len(tries) > 1


def test_eventually_watches_the_node_that_it_depends_on() -> None:
    """A check that names a node has its changes watched while it waits, and not when it passes."""
    left = [1, 2]

    def second_time(attempt: Attempt) -> str:
        if left.pop() > 1:
            raise CheckFailed("it", "it is not")
        return "it is"

    running = a_lab({})
    assert eventually(second_time, on="router")(running.attempt()) == "it is"
    assert eventually(shows("client", "one", ""), on="router")(running.attempt())
    assert isinstance(running.backend, FakeBackend)
    watched = [node for node, command in running.backend.ran if "ip monitor" in command]
    assert watched == ["router"]


def test_both_needs_every_one() -> None:
    """One that fails is enough to fail; all that pass are evidence."""
    yes, no = shows("client", "one", "1"), shows("client", "one", "2")
    assert both(yes, yes)(an_attempt({"one": "1"})) == "client shows 1; client shows 1"
    assert "'2'" in failure(both(yes, no), {"one": "1"}).expected.what


def test_fails_is_the_opposite() -> None:
    """It passes when the other fails, and fails when the other passes."""
    check = fails(shows("client", "cat", "meow"), "a cat")
    assert check(an_attempt({})).startswith("as expected not a cat")
    assert "meow" in failure(check, {"cat": "meow"}).seen


def test_shows_searches_line_by_line() -> None:
    """The pattern may begin and end with a line's."""
    check = shows("client", "ip link", "^eth0$", "the interface")
    assert check(an_attempt({"ip link": "lo\neth0\n"})) == "client shows the interface: eth0"
    assert "“lo”" in failure(check, {"ip link": "lo"}).seen
    assert failure(check, {}).seen == "it printed nothing"


def test_printed_looks_at_the_step_itself() -> None:
    """Before the step has run there is nothing that it could have printed."""
    running = a_lab({"echo": "hello"})
    step = running.lab.step(
        "greet", "Greet", on="client", run="echo hello", check=printed("hello"), wrong="true"
    )
    with pytest.raises(CheckFailed, match="it has not run"):
        running.evidence(step)
    assert running.do(step).passed


@pytest.mark.parametrize(
    ("table", "seen"),
    [
        ({}, "it has none for 2001:db8:100::/64"),
        ({"client: ip": "2001:db8:100::/64 dev lo"}, "“2001:db8:100::/64 dev lo”"),
        (
            {"server: ip": "local 2001:db8:100::/64 dev lo"},
            "the route to 2001:db8:100::/64 is on s",
        ),
    ],
)
def test_route_says_what_there_is_instead(table: dict[str, Answer], seen: str) -> None:
    """None, one of another kind, or one on another node."""
    check = route("client", "local 2001:db8:100::/64 dev lo")
    assert seen in failure(check, table).seen


def test_route_passes_on_the_beginning_of_a_line() -> None:
    """What follows in the line (metric, preference) does not matter."""
    check = route("client", "local 2001:db8:100::/64 dev lo")
    line = "local 2001:db8:100::/64 dev lo metric 1024 pref medium"
    assert check(an_attempt({"client: ip -6 route": line})) == f"client has the route {line}"


def test_address_must_be_usable() -> None:
    """Missing, tentative and duplicate addresses are told apart."""
    check = address("client", "2001:db8::5")
    listing = json.loads(addresses("2001:db8::5/64"))
    assert check(an_attempt({"ip -j": json.dumps(listing)})) == "client has 2001:db8::5 on eth0"
    assert "it has none" in failure(check, {"ip -j": "[]"}).seen
    for flag, word in (("tentative", "tentative"), ("dadfailed", "duplicate")):
        listing[0]["addr_info"][0][flag] = True
        assert word in failure(check, {"ip -j": json.dumps(listing)}).seen


def test_listens_can_ask_for_an_address() -> None:
    """On the wildcard is not on the one address."""
    check = listens("server", 80, at="2001:db8::5")
    assert "[2001:db8::5]:80" in check(an_attempt({"ss": "LISTEN 0 5 [2001:db8::5]:80 [::]:*"}))
    assert "listens on [::]:80" in failure(check, {"ss": "LISTEN 0 5 [::]:80 [::]:*"}).seen
    assert failure(check, {}).seen == "there is none"


def test_a_path_leads_to_who_takes_it() -> None:
    """Next hop after next hop, until a table says `local`."""
    path = follow(an_attempt(WORKING), "client", FAR)
    assert path.arrives
    assert path.nodes == ("client", "router", "server")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {f"router: ip -j route get {FAR}": (2, "RTNETLINK answers: Network is unreachable")},
            "router has no route to 2001:db8:100::1 (RTNETLINK answers: Network is unreachable)",
        ),
        (
            {"sysctl -n": "0\n"},
            "router gets what is for 2001:db8:100::1, and neither takes it nor forwards it",
        ),
        (
            {f"server: ip -j route get {FAR}": entry(gateway="2001:db8:2::1", dev="eth0")},
            "server sends what is for 2001:db8:100::1 back to router, from where it came",
        ),
        (
            {f"router: ip -j route get {FAR}": entry(gateway="2001:db8:2::9", dev="eth1")},
            "nobody on router's eth1 answers for 2001:db8:2::9",
        ),
        (
            {"server: ip -j route get 2001:db8:1::1": (2, "Network is unreachable")},
            "the reply does not come back: server has no route to 2001:db8:1::1",
        ),
        (
            {"server: ip -j route get 2001:db8:1::1": entry(type="local", dev="lo")},
            "the reply does not come back: server takes it for itself",
        ),
    ],
)
def test_an_address_that_does_not_answer_is_explained(
    change: dict[str, Answer], fault: str
) -> None:
    """The first thing that is wrong on the way, there or back."""
    answers = WORKING | {"ping": NO_REPLY} | change
    assert fault in failure(pings("client", FAR), answers).seen


@pytest.mark.parametrize(
    ("links", "seen"),
    [
        ('[{"flags": ["BROADCAST"]}]', "and server's eth0 is down"),
        ('Device "eth0" does not exist.', "and server has no interface eth0"),
    ],
)
def test_an_interface_that_is_lost_is_told(links: str, seen: str) -> None:
    """Where nobody answers, an interface of that link which is down, or has another name, is told;
    the state of a neighbour is of the time before."""
    answers = {
        f"router: ip -j route get {FAR}": entry(gateway="2001:db8:2::9", dev="eth1"),
        "router: ip -j neigh": '[{"state": ["REACHABLE"]}]',
        "server: ip -j link show dev eth0": links,
    }
    told = failure(pings("client", FAR), WORKING | {"ping": NO_REPLY} | answers).seen
    assert f"nobody on router's eth1 answers for 2001:db8:2::9, {seen}" in told


def test_what_ip_refuses_has_no_entries() -> None:
    """A table of an interface that is not there is empty, as is one of text that is no JSON."""
    attempt = an_attempt({"ip -j address": (1, 'Device "eth9" does not exist.')})
    assert ip_json(attempt, "client", "address", "show", "dev", "eth9") == []


def test_a_neighbour_that_only_routing_knows_is_told() -> None:
    """On the link, an entry in the table local is not enough for IPv6."""
    on_link = {f"router: ip -j route get {FAR}": entry(dev="eth1")}
    told = failure(pings("client", FAR), WORKING | {"ping": NO_REPLY} | on_link)
    assert told.hint.startswith("server has it in its table local, but answers")


def test_reaches_waits_for_no_route() -> None:
    """What can't fix itself fails at once: a second ping is not sent."""
    broken: dict[str, Answer] = {f"router: ip -j route get {FAR}": (2, "unreachable")}
    running = a_lab(WORKING | {"ping": NO_REPLY} | broken)
    with pytest.raises(CheckFailed):
        reaches("client", FAR)(running.attempt())
    backend = running.backend
    assert isinstance(backend, FakeBackend)
    assert len([text for _, text in backend.ran if text.startswith("ping")]) == 1


def test_reaches_asks_who_answers() -> None:
    """An answer of the wrong node is none."""
    check = reaches("client", FAR, at="router")
    assert failure(check, WORKING).seen == "it is server that answers"
    assert reaches("client", FAR, at="server")(an_attempt(WORKING)).startswith("client got an echo")
