"""Daemons of Ceph on the nodes: whether each runs, and the errors of a start that failed."""

import re
from typing import TYPE_CHECKING

from labkernel.labs._ceph.configuration import MONITORS
from labkernel.labs._processes import is_stopped, states_of

if TYPE_CHECKING:
    from labkernel import Nodes

#: octets at the end of a log that are read
_TAIL = 1 << 19
#: with which line of its log a daemon begins, and by which lines its start has succeeded
_BEGIN = re.compile(r"^.*, process ceph-\w+, pid \d+$", re.MULTILINE)
_UP = re.compile(
    r" starting mon\.\S+ rank | handle_mgr_map |done with init, starting boot process"
    r"| Updating MDS map to version "
)
#: --mkfs writes to the same log: nobody has started the daemon after that
_MADE = re.compile(r"created (monfs|object store) ")
#: errors of a start that is as it must be: a file is no disk, an empty one has no label yet
_USUAL = ("unable to get device name", "_read_bdev_label", "_read_fsid unparsable uuid")


def runs(lab: "Nodes", node: str, kind: str) -> bool:
    """A node has a daemon of this kind (``mon``, ``osd`` …) that is not stopped by a signal."""
    states = _states(lab, node, kind)
    return bool(states) and not any(map(is_stopped, states))


def is_frozen(lab: "Nodes", node: str, kind: str) -> bool:
    """A node's daemon of this kind was stopped by SIGSTOP."""
    return any(map(is_stopped, _states(lab, node, kind)))


def _states(lab: "Nodes", node: str, kind: str) -> list[str]:
    return states_of(lab, node, f"ceph-{kind}")


def why_down(lab: "Nodes", node: str, name: str) -> tuple[str, str]:
    """Why a daemon does not answer, a clause, and what to try.

    :param name: as in ``osd.2``.
    """
    kind, _, number = name.partition(".")
    program = f"ceph-{kind}"
    if is_frozen(lab, node, kind):
        return (
            f"{program} is stopped by a signal on {node}",
            f"`pkill -CONT -x {program}` on {node}.",
        )
    if runs(lab, node, kind):
        return f"{program} runs on {node}, but not as {name}", f"`pgrep -a {program}` on {node}."
    seen = f"{program} does not run on {node}"
    return seen, failed_start(lab, node, name) or f"Start it: `{program} -i {number}` on {node}."


def failed_start(lab: "Nodes", node: str, name: str) -> str:
    """The errors of a daemon's last start, a sentence; empty if that did not fail, or nobody has
    started it since its store was made."""
    life = _last_life(lab, node, name)
    if _UP.search(life) or _MADE.search(life):
        return ""
    return _quoted("Its last start failed. Its log ends with", life)


def last_errors(lab: "Nodes", node: str, name: str) -> str:
    """The last errors of a daemon that has ended by itself, a sentence; empty if it has none."""
    return _quoted("Its log ends with", _last_life(lab, node, name))


def _last_life(lab: "Nodes", node: str, name: str) -> str:
    """The log of a daemon from its last start on; empty if it never started."""
    log = lab.run(node, ["tail", "-c", str(_TAIL), f"/var/log/ceph/ceph-{name}.log"])
    begins = [match.end() for match in _BEGIN.finditer(log.output)] if log.ok else []
    return log.output[begins[-1] :] if begins else ""


def _quoted(opening: str, life: str) -> str:
    """The last two errors (level -1: what a daemon that does not start prints as well)."""
    lines = [line.partition(" -1 ")[2].strip() for line in life.splitlines() if " -1 " in line]
    errors = [line for line in lines if line and not any(each in line for each in _USUAL)]
    last = [line.removeprefix("** ERROR: ") for line in errors][-2:]
    return f"{opening}: {'; '.join(last)}" if last else ""


def missing_monitors(lab: "Nodes") -> str:
    """The monitors that have a store and do not run, a clause; empty if all run."""
    made = [node for node in MONITORS if _has_store(lab, node)]
    ended = [f"mon.{node}" for node in made if not _states(lab, node, "mon")]
    frozen = [f"mon.{node}" for node in made if is_frozen(lab, node, "mon")]
    clauses = [
        f"{_listed(ended)} {'does' if len(ended) == 1 else 'do'} not run" if ended else "",
        f"{_listed(frozen)} {'is' if len(frozen) == 1 else 'are'} stopped by a signal"
        if frozen
        else "",
    ]
    return ", ".join(filter(None, clauses))


def _has_store(lab: "Nodes", node: str) -> bool:
    return lab.run(node, ["test", "-d", f"/var/lib/ceph/mon/ceph-{node}/store.db"]).ok


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
