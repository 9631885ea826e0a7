"""A lab whose notebook forgets a step, and one whose notebook has a mistake of its own."""

from labkernel import Lab, Node
from labkernel.checks import printed

lab = Lab("partial", nodes=[Node("one", memory=16)])

shown = lab.step("shown", "Shown", on="one", run="echo a", check=printed("a"), wrong="true")
forgotten = lab.step(
    "forgotten", "Forgotten", on="one", run="echo b", check=printed("b"), wrong="true"
)
