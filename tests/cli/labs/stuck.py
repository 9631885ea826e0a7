"""A lab whose second step is far away."""

from labkernel import Lab, Node
from labkernel.checks import printed

lab = Lab("stuck", nodes=[Node("one", memory=16)])

wait = lab.step(
    "wait", "Wait", on="one", run="sleep 600", check=printed("never"), wrong="true", timeout=900
)
then = lab.step("then", "Then", on="one", run="echo a", check=printed("a"), wrong="true")
