"""The view of a Ceph cluster: what is made of what the cluster says."""

import re
from typing import Any

import pytest

from labkernel.labs._ceph import graph, view


def sample(at: float, **more: Any) -> dict[str, Any]:
    """A cluster in good health, with what differs."""
    return {
        "at": at,
        "health": "HEALTH_OK",
        "checks": [],
        "mons": [["alpha", True], ["bravo", True]],
        "leader": "alpha",
        "osds": [[0, "alpha", True, True, ""], [1, "bravo", True, True, ""]],
        "mds": [],
        "standby": 0,
        "pgs": {"active+clean": 32},
        "objects": [0, 0],
        "rates": [0, 2048, 3 << 20],
        "space": [5 << 20, 20 << 30],
        **more,
    }


LOST = {"problem": "TimedOut", "error": "error connecting to the cluster"}
DOWN = {
    "health": "HEALTH_WARN",
    "checks": [["OSD_DOWN", "1 osds down"]],
    "osds": [[0, "alpha", True, True, ""], [1, "bravo", False, True, ""]],
    "pgs": {"active+undersized+degraded": 30, "peering": 2},
}


def words(html: str) -> str:
    """The words of a page, without its tags and styles."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html))


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("active+clean", "clean"),
        ("active+clean+scrubbing+deep", "clean"),
        ("active+undersized+degraded", "degraded"),
        ("active+undersized+degraded+remapped+backfilling", "moving"),
        ("active+recovery_wait+degraded", "moving"),
        ("active+clean+inconsistent", "damaged"),
        ("peering", "inactive"),
        ("stale+active+clean", "inactive"),
        ("unknown", "inactive"),
    ],
)
def test_what_a_state_means(state: str, kind: str) -> None:
    """Each state of a placement group has one of the five meanings that have a colour."""
    assert view.kind(state) == kind
    assert kind in graph.KINDS


def test_what_has_changed() -> None:
    """An OSD that goes, monitors that answer no more and again, each with its time."""
    samples = [
        sample(0.1),
        sample(1.0, **DOWN),
        {"at": 2.0, **LOST},
        {"at": 3.0, **LOST},
        sample(4.0, mons=[["alpha", True], ["bravo", False]]),
    ]
    assert view.events(samples) == [
        (1.0, "osd.1 is down"),
        (1.0, "HEALTH_WARN: 1 osds down"),
        (1.0, "32 placement groups are not clean"),
        (2.0, "no answer: no majority of the monitors answers"),
        (4.0, "the monitors answer"),
        (4.0, "mon.bravo has left the quorum"),
        (4.0, "osd.1 is up"),
        (4.0, "HEALTH_OK"),
        (4.0, "all placement groups are clean"),
    ]


def test_an_osd_comes_and_is_full() -> None:
    """An OSD that was not there before is told, and one that fills."""
    more = [*sample(0)["osds"][:1], [1, "bravo", True, False, "nearfull"], [2, "", True, True, ""]]
    assert [text for _, text in view.events([sample(0), sample(1, osds=more)])] == [
        "osd.1 is out",
        "osd.1 is nearfull",
        "osd.2 is up",
    ]


@pytest.mark.parametrize("live", [True, False])
def test_the_picture_says_everything_in_words(live: bool) -> None:
    """Health and why, monitors, OSDs, placement groups, throughput: no colour need be seen."""
    shown = words(view.CLUSTER.picture([sample(0.1), sample(1.0, **DOWN)], live))
    for text in (
        "! HEALTH_WARN 1 osds down",
        "✓ alpha, leads",
        "✓ osd.0 on alpha: up, in",
        "✗ osd.1 on bravo: down, in",
        "30 active+undersized+degraded, 2 peering",
        "written 2.0 KiB/s, recovered 3.0 MiB/s",
        "5.0 MiB of 20.0 GiB used",
        "0 clean 0 being moved or recovered 30 with copies missing 2 not active",
        "1.0 s osd.1 is down",
    ):
        assert text in shown


def test_a_saved_picture_stands_alone() -> None:
    """In a saved notebook the graph is an image: a reader there may drop the tags of an SVG."""
    assert "<svg" in view.CLUSTER.picture([sample(1)], True)
    assert "<svg" not in view.CLUSTER.picture([sample(1)], False)
    assert 'src="data:image/svg+xml' in view.CLUSTER.picture([sample(1)], False)


def test_without_an_answer() -> None:
    """Without an answer the last one is shown, and said to be old; without any, why."""
    shown = words(view.CLUSTER.picture([sample(1), {"at": 3.0, **LOST}], True))
    assert "No answer no majority of the monitors answers. What is below was seen before" in shown
    nothing = {"at": 0.2, "problem": "ObjectNotFound", "error": "x"}
    assert "admin has no ceph.conf" in words(view.CLUSTER.picture([nothing], True))
    assert view.summary(nothing) == "No answer: admin has no ceph.conf, or no keyring, yet."


def test_a_cluster_without_osds_and_pools() -> None:
    """What is not there yet is none, and no error."""
    shown = words(view.CLUSTER.picture([sample(1, osds=[], pgs={})], True))
    assert "OSDs none yet" in shown
    assert "Placement groups none yet" in shown


def test_names_are_escaped() -> None:
    """What the cluster says is text, and never markup."""
    checks = [["X", "<script>alert(1)</script>"]]
    assert "<script>" not in view.CLUSTER.picture([sample(1, checks=checks)], True)


def test_the_summary_counts() -> None:
    """One sentence for those who hear the page."""
    assert view.summary(sample(1, **DOWN)) == (
        "HEALTH_WARN, 1 of 2 OSDs up, 0 of 32 placement groups clean."
    )


def test_metadata_servers() -> None:
    """Who serves a file system, and who stands by; a change of either is told."""
    first = sample(0, mds=[["alpha", "active"]], standby=1)
    then = sample(1, mds=[["bravo", "replay"]])
    shown = words(view.CLUSTER.picture([first], True))
    assert "Metadata servers ✓ alpha: active ✓ 1 standing by" in shown
    assert "! bravo: replay" in words(view.CLUSTER.picture([then], True))
    assert view.events([first, then]) == [
        (1, "mds.bravo is replay"),
        (1, "mds.alpha serves no more"),
    ]
