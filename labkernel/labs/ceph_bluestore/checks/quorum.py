"""Checks of the monitors: whether they run, and whether there is a majority."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import ask, daemon
from labkernel.labs._ceph.configuration import FSID, MONITORS
from labkernel.labs._ceph.daemons import runs as has_daemon
from labkernel.labs._ceph.daemons import why_down
from labkernel.labs._ceph.files import keyring, setting

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

#: seconds that an election may take on a busy machine
PATIENCE = 60


def runs(name: str) -> "Check":
    """A monitor runs, whether there is a majority or not."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        found = _state(attempt, name, Expected(name, f"mon.{name} to run"))
        return f"mon.{name} runs, and knows of {len(found['monmap']['mons'])} monitors"

    return eventually(look, PATIENCE)


def quorum(*names: str) -> "Check":
    """These monitors, and no other, are a majority and agree that they are."""
    wanted = sorted(names)

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = f"a quorum of {', '.join(wanted)}"
        found = {name: _state(attempt, name, expected) for name in wanted}
        for name, state in found.items():
            if _members(state) != wanted:
                _require_same_cluster(attempt, expected, name, state)
        for name, state in found.items():
            members = _members(state)
            if members != wanted:
                seen = f"for mon.{name} it is {', '.join(members) or 'none'}"
                raise CheckFailed(expected, f"{seen} (state: {state['state']})")
        return f"quorum: {', '.join(wanted)}, led by {_leader(found[wanted[0]])}"

    return eventually(look, PATIENCE)


def _members(state: dict[str, Any]) -> list[str]:
    """The names of the monitors in the quorum, as one of them has it."""
    by_rank = {each["rank"]: each["name"] for each in state["monmap"]["mons"]}
    return sorted(str(by_rank.get(rank, rank)) for rank in state["quorum"])


def _leader(state: dict[str, Any]) -> str:
    by_rank = {each["rank"]: each["name"] for each in state["monmap"]["mons"]}
    return str(by_rank.get(min(state["quorum"]), "nobody"))


def _require_same_cluster(
    attempt: "Attempt", expected: Expected | str, name: str, state: dict[str, Any]
) -> None:
    """A monitor has the cluster's id and the key of its fellows; else it never joins them."""
    if (fsid := state["monmap"]["fsid"]) != FSID:
        seen = f"the map of mon.{name} has the fsid {fsid}"
        raise CheckFailed(expected, seen, f"The cluster's is {FSID}.", permanent=True)
    own, first = (_key(attempt, each) for each in (name, next(iter(MONITORS))))
    if own and first and own != first:
        seen = f"mon.{name} has another key of `mon.` than mon.{next(iter(MONITORS))}"
        hint = f"Make its store anew, with the mon.keyring that {next(iter(MONITORS))} offers."
        raise CheckFailed(expected, seen, hint, permanent=True)


def _key(attempt: "Attempt", name: str) -> str:
    """The key of `mon.` in a monitor's store; empty if it has none."""
    return keyring(attempt, name, f"{_store(name)}/keyring").get("mon.", {}).get("key", "")


def _store(name: str) -> str:
    return f"/var/lib/ceph/mon/ceph-{name}"


def _state(attempt: "Attempt", name: str, expected: Expected | str) -> dict[str, Any]:
    found = daemon(attempt, name, f"mon.{name}", "mon_status")
    if "monmap" in found:
        return found
    seen, hint = _cause(attempt, name)
    raise CheckFailed(expected, seen, hint, permanent=True)


def _cause(attempt: "Attempt", name: str) -> tuple[str, str]:
    """Why a monitor does not answer, and what to try."""
    if not attempt.run(name, ["test", "-s", "/etc/ceph/ceph.conf"]).ok:
        return f"{name} has no ceph.conf", "alpha offers its files: fetch them."
    if (fsid := setting(attempt, f"mon.{name}", "fsid", name)) != FSID:
        return f"ceph.conf of {name} has the fsid {fsid or 'none'}", f"The cluster's is {FSID}."
    if not attempt.run(name, ["test", "-d", f"{_store(name)}/store.db"]).ok:
        return f"mon.{name} has no store", f"`ceph-mon -i {name} --mkfs …` makes it."
    if not _key(attempt, name):
        return "its store was made without the key of mon.", "Remove the store; give --keyring."
    return why_down(attempt, name, f"mon.{name}")


@looks_at(sends=True)
def _answers(attempt: "Attempt") -> str:
    """Claim: the cluster answers its clients, by whichever majority."""
    expected = "the monitors to have a majority, and the cluster to answer"
    running = [name for name in MONITORS if has_daemon(attempt, name, "mon")]
    # one that is left alone learns of that after seconds: those of its quorum must run
    quorums = [_quorum_of(attempt, name) for name in running]
    if not any(members and set(members) <= set(running) for members in quorums):
        causes = [_cause(attempt, name) for name in MONITORS if name not in running]
        seen = "; ".join(seen for seen, _ in causes) or "they have not agreed yet"
        hint = causes[0][1] if causes else ""
        raise CheckFailed(expected, seen, hint, permanent=len(running) < 2)
    found = ask(attempt, expected, "quorum_status")[0]
    return f"the cluster answers; quorum: {', '.join(sorted(found['quorum_names']))}"


def _quorum_of(attempt: "Attempt", name: str) -> list[str]:
    """The quorum as a monitor has it; empty if it has none."""
    state = daemon(attempt, name, f"mon.{name}", "mon_status")
    return _members(state) if "monmap" in state else []


answers = eventually(_answers, PATIENCE)


def alone(name: str) -> "Check":
    """A monitor runs without a majority."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = f"mon.{name} to be without a majority"
        state = _state(attempt, name, expected)["state"]
        if state not in ("probing", "electing"):
            raise CheckFailed(expected, f"it is {state}")
        return f"mon.{name} runs and is without a majority"

    return eventually(look, PATIENCE)


def stopped(name: str) -> "Check":
    """A monitor does not run."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        expected = f"mon.{name} to be stopped"
        if has_daemon(attempt, name, "mon"):
            raise CheckFailed(expected, "it runs", permanent=True)
        if daemon(attempt, name, f"mon.{name}", "mon_status"):
            raise CheckFailed(expected, "it answers")
        return f"mon.{name} is stopped"

    return look
