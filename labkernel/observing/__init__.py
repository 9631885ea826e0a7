"""Observers of a running step: packet capture, programs that report samples, and cables.

Each observer starts before the command and stops after the check; its result is an artifact.
"""

from labkernel.observing.cable_control import cables
from labkernel.observing.protocol import Artifact, Observation, Observer, OnArtifact
from labkernel.observing.recording import Capture, Recording, capture
from labkernel.observing.watching import Sample, Seen, Watch

__all__ = [
    "Artifact",
    "Capture",
    "Observation",
    "Observer",
    "OnArtifact",
    "Recording",
    "Sample",
    "Seen",
    "Watch",
    "cables",
    "capture",
]
