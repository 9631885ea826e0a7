"""Shortcuts: what the steps before a point of the lesson would have made, at once."""

from typing import TYPE_CHECKING

from labkernel.labs.ceph_bluestore.commands.bootstrapping import SHARE

if TYPE_CHECKING:
    from labkernel import Workbench


def make_monitors(lab: "Workbench") -> None:
    """Three monitors, and the files that alpha offers."""
    _begin(lab, osds=False, client="")


def make_osds(lab: "Workbench") -> None:
    """The monitors, a manager, three OSDs, and a client."""
    _begin(lab)


def make_pool(lab: "Workbench") -> None:
    """The same with the pool."""
    _begin(lab, pools=[("lab", 32, "lessons")])


def _begin(lab: "Workbench", **wanted: object) -> None:
    # it takes names of this lab, and so can't be imported before them
    from labkernel.labs._ceph import Cluster, bring_up

    bring_up(lab, Cluster(**wanted))  # type: ignore[arg-type]
    lab.run("alpha", SHARE, expect=0)
