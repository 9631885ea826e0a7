"""A step that takes longer than any test."""

from labkernel import Lab, Node
from labkernel.checks import printed

lab = Lab("slow", nodes=[Node("one", memory=16)])

wait = lab.step(
    "wait", "Wait", on="one", run="sleep 600", check=printed("never"), wrong="true", timeout=900
)
