"""Runs labs: :class:`RunningLab`, and for drills :class:`RunningDrill`.

A process may run many labs at once, and one lab several times, each as an instance of its own.
"""

from labkernel.running.drills import RunningDrill
from labkernel.running.execution import Listener, OnStep
from labkernel.running.lab import RunningLab

__all__ = ["Listener", "OnStep", "RunningDrill", "RunningLab"]
