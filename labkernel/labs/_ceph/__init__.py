"""A Ceph cluster that comes up by itself, for labs that begin with one, or go on with one; and a
view of one, for steps that change it."""

from labkernel.labs._ceph.bringup import Cluster, Moment, bring_up
from labkernel.labs._ceph.view import CLUSTER

__all__ = ["CLUSTER", "Cluster", "Moment", "bring_up"]
