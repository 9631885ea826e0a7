"""A Ceph cluster that comes up by itself: for labs that begin with one, or go on with one."""

from labkernel.labs._ceph.bringup import Cluster, Moment, bring_up

__all__ = ["Cluster", "Moment", "bring_up"]
