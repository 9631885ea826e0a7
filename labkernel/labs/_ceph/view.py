"""A Ceph cluster as it changes: a step's ``observe=[CLUSTER]``.

A program on admin keeps one connection (librados), and asks the monitors three times a second.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from labkernel import Watch
from labkernel.labs._ceph.picture import html

if TYPE_CHECKING:
    from labkernel.observing import Sample

_PROGRAM = """
import errno, json, os, rados, signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
SETTINGS = {"client_mount_timeout": "2", "rados_mon_op_timeout": "2", "log_to_stderr": "false"}
cluster = None

def connect():
    made = rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf=SETTINGS)
    made.connect()
    return made

def ask(prefix):
    words = json.dumps({"prefix": prefix, "format": "json"})
    code, out, error = cluster.mon_command(words, b"")
    if code:
        raise OSError(abs(code), error or os.strerror(abs(code)))
    return json.loads(out)

def osds(dump, tree):
    host = {child: each["name"] for each in tree["nodes"] if each["type"] == "host"
            for child in each["children"]}
    for each in dump["osds"]:
        full = [word for word in each["state"] if word.endswith("full")]
        yield [each["osd"], host.get(each["osd"], ""), bool(each["up"]), bool(each["in"]),
               "".join(full[:1])]

def look():
    global cluster
    try:
        cluster = cluster or connect()
        status, mons, dump, tree = map(ask, ("status", "mon dump", "osd dump", "osd tree"))
    except (rados.Error, OSError) as error:
        lost = isinstance(error, rados.TimedOut) or error.errno == errno.ETIMEDOUT
        return {"problem": "TimedOut" if lost else type(error).__name__, "error": str(error)}
    pgs, quorum = status["pgmap"], status["quorum_names"]
    if not quorum:  # it was lost while the answer was being made
        return {"problem": "TimedOut", "error": ""}
    return {
        "health": status["health"]["status"],
        "checks": [[code, each["summary"]["message"]]
                   for code, each in status["health"]["checks"].items()],
        "mons": [[each["name"], each["name"] in quorum] for each in mons["mons"]],
        "leader": quorum[0],
        "osds": list(osds(dump, tree)),
        "mds": [[each["name"], each["status"].removeprefix("up:")]
                for each in status["fsmap"]["by_rank"]],
        "standby": status["fsmap"].get("up:standby", 0),
        "pgs": {each["state_name"]: each["count"] for each in pgs.get("pgs_by_state", ())},
        "objects": [pgs.get(kind + "_objects", 0) for kind in ("degraded", "misplaced")],
        "rates": [pgs.get(name, 0) for name in
                  ("read_bytes_sec", "write_bytes_sec", "recovering_bytes_per_sec")],
        "space": [pgs["bytes_used"], pgs["bytes_total"]],
    }

while True:
    print(json.dumps(look()), flush=True)
    if signal.sigtimedwait({signal.SIGTERM}, 0.3):
        print(json.dumps(look()), flush=True)
        os._exit(0)
"""

_PROBLEMS = {
    "TimedOut": "no majority of the monitors answers",
    "ObjectNotFound": "admin has no ceph.conf, or no keyring, yet",
    "PermissionError": "the monitors refuse the key of client.admin",
    "PermissionDeniedError": "the monitors refuse the key of client.admin",
}


def problem(sample: "Sample") -> str:
    """Why there is no answer, a clause; empty if there is one."""
    if "problem" not in sample:
        return ""
    return _PROBLEMS.get(sample["problem"], f"{sample['problem']}: {sample['error']}")


def summary(sample: "Sample") -> str:
    """How the cluster is, in one sentence."""
    if why := problem(sample):
        return f"No answer: {why}."
    osds, pgs = sample["osds"], sample["pgs"]
    up = sum(1 for _, _, is_up, _, _ in osds if is_up)
    clean = sum(count for state, count in pgs.items() if kind(state) == "clean")
    return (
        f"{sample['health']}, {up} of {len(osds)} OSDs up, "
        f"{clean} of {sum(pgs.values())} placement groups clean."
    )


def kind(state: str) -> str:
    """The meaning of a placement group's state: one of KINDS in _ceph.graph."""
    words = set(state.split("+"))
    if words & {"inconsistent", "incomplete", "failed_repair", "snaptrim_error"}:
        return "damaged"
    if "active" not in words or words & {"stale", "down"}:
        return "inactive"
    if words & _MOVING:
        return "moving"
    return "degraded" if words & {"degraded", "undersized"} else "clean"


_MOVING = {
    "recovering",
    "recovery_wait",
    "backfilling",
    "backfill_wait",
    "backfill_toofull",
    "remapped",
}


def events(samples: "Sequence[Sample]") -> list[tuple[float, str]]:
    """The changes of a cluster: seconds from the step's start, and a clause."""
    found: list[tuple[float, str]] = []
    known: Sample | None = None
    silent = False
    for sample in samples:
        if why := problem(sample):
            if not silent:
                found.append((sample["at"], f"no answer: {why}"))
            silent = True
            continue
        if silent:
            found.append((sample["at"], "the monitors answer"))
        silent = False
        if known:
            found += [(sample["at"], text) for text in _changes(known, sample)]
        known = sample
    return found


def _changes(before: "Sample", now: "Sample") -> Iterator[str]:
    was = dict(before["mons"])
    for name, there in now["mons"]:
        if was.get(name, False) != there:
            yield f"mon.{name} {'is in' if there else 'has left'} the quorum"
    yield from _changes_of_osds(before["osds"], now["osds"])
    for name, state in now["mds"]:
        if [name, state] not in before["mds"]:
            yield f"mds.{name} is {state}"
    for name in sorted({name for name, _ in before["mds"]} - {name for name, _ in now["mds"]}):
        yield f"mds.{name} serves no more"
    if now["health"] != before["health"]:
        why = ", ".join(message for _, message in now["checks"])
        yield f"{now['health']}" + (f": {why}" if why else "")
    if (left := _unclean(now)) != _unclean(before):
        yield f"{left} placement groups are not clean" if left else "all placement groups are clean"


def _changes_of_osds(before: list[Any], now: list[Any]) -> Iterator[str]:
    was = {each[0]: each for each in before}
    for number, host, up, inside, full in now:
        _, _, was_up, was_in, was_full = was.get(number, (number, host, False, inside, ""))
        if up != was_up:
            yield f"osd.{number} is {'up' if up else 'down'}"
        if inside != was_in:
            yield f"osd.{number} is {'in' if inside else 'out'}"
        if full != was_full:
            yield f"osd.{number} is {full or 'not full any more'}"


def _unclean(sample: "Sample") -> int:
    return sum(count for state, count in sample["pgs"].items() if kind(state) != "clean")


def _picture(samples: "Sequence[Sample]", live: bool) -> str:
    return html(samples, problem(samples[-1]), events(samples), kind, live)


CLUSTER = Watch("The cluster", "admin", _PROGRAM, _picture, summary)
"""Health, monitors, OSDs, placement groups, metadata servers and throughput, as admin sees them."""
