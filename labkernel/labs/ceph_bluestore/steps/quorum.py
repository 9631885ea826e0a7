"""Monitors that are lost, one and then another, and the majority with them."""

from labkernel.checks import both, printed
from labkernel.labs._ceph import configuration
from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.quorum import alone, quorum, stopped
from labkernel.labs.ceph_bluestore.checks.storing import is_healthy
from labkernel.labs.ceph_bluestore.commands.quorum import LOSE_TWO, back
from labkernel.labs.ceph_bluestore.topology import lab

lose_one = lab.step(
    "lose-one",
    "Stop one monitor",
    on="charlie",
    run=configuration.stop("ceph-mon"),
    check=both(stopped("charlie"), quorum("alpha", "bravo")),
    undo=back("charlie", "alpha", "bravo"),
    observe=[CLUSTER],
)

lose_two = lab.step(
    "lose-two",
    "Stop a second monitor and query the cluster",
    on="bravo",
    run=LOSE_TWO,
    check=both(printed(r"^no answer$", "that none came in time"), alone("alpha")),
    undo=back("bravo", "alpha"),
    observe=[CLUSTER],
)

majority = lab.task(
    "majority",
    "Restore the quorum",
    on="bravo",
    about="Two of three monitors are stopped, and the cluster answers nobody. Make it answer.",
    solution="ceph-mon -i bravo",
    check=quorum("alpha", "bravo"),
    undo=configuration.stop("ceph-mon"),
    hint=[
        "How many of three are a majority?",
        "mon.bravo has its store still.",
        "`ceph-mon -i bravo`, on bravo.",
    ],
    observe=[CLUSTER],
)

complete = lab.step(
    "complete",
    "Start the third monitor again",
    on="charlie",
    run="ceph-mon -i charlie",
    check=both(quorum("alpha", "bravo", "charlie"), is_healthy),
    undo=configuration.stop("ceph-mon"),
    observe=[CLUSTER],
)
