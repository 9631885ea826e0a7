"""Checks of the monitors: whether they run, and whether there is a majority."""

from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._ceph.cluster import daemon, last_words
from labkernel.labs._ceph.configuration import FSID, MONITORS
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
            members = sorted(MONITORS_BY_RANK[rank] for rank in state["quorum"])
            if members != wanted:
                seen = f"for mon.{name} it is {', '.join(members) or 'none'}"
                raise CheckFailed(expected, f"{seen} (state: {state['state']})")
        return f"quorum: {', '.join(wanted)}, led by {wanted[0]}"

    return eventually(look, PATIENCE)


MONITORS_BY_RANK = dict(enumerate(MONITORS))


def _state(attempt: "Attempt", name: str, expected: Expected | str) -> dict[str, Any]:
    if found := daemon(attempt, name, f"mon.{name}", "mon_status"):
        return found
    seen, hint = _why_not(attempt, name)
    raise CheckFailed(expected, seen, hint, permanent=True)


def _why_not(attempt: "Attempt", name: str) -> tuple[str, str]:
    """Why a monitor does not run, and what to try."""
    if not attempt.run(name, ["test", "-s", "/etc/ceph/ceph.conf"]).ok:
        return f"{name} has no ceph.conf", "alpha offers its files: fetch them."
    if (fsid := setting(attempt, f"mon.{name}", "fsid", name)) != FSID:
        return f"ceph.conf of {name} has the fsid {fsid}", f"The cluster's is {FSID}."
    store = f"/var/lib/ceph/mon/ceph-{name}"
    if not attempt.run(name, ["test", "-d", f"{store}/store.db"]).ok:
        return f"mon.{name} has no store", f"`ceph-mon -i {name} --mkfs …` makes it."
    if "mon." not in keyring(attempt, name, f"{store}/keyring"):
        return "its store was made without the key of mon.", "Remove the store; give --keyring."
    said = last_words(attempt, name, f"mon.{name}")
    return f"mon.{name} does not run", said or f"Start it: `ceph-mon -i {name}`."


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
        if daemon(attempt, name, f"mon.{name}", "mon_status"):
            raise CheckFailed(f"mon.{name} to be stopped", "it runs")
        return f"mon.{name} is stopped"

    return look
