"""The second of three steps does not do what it teaches."""

from labkernel import Attempt, CheckFailed, Expected, Lab, Node

lab = Lab("wrong", nodes=[Node("one", memory=16)])


def always(_attempt: Attempt) -> str:
    """A check that passes, for steps that tests never prove."""
    return "it was looked at"


def never(_attempt: Attempt) -> str:
    """A check that fails."""
    raise CheckFailed(Expected("one", "the moon"), "got cheese", "Try: a <telescope>\x1b[1m.")


first = lab.step("look-up", "Look up", on="one", run="true", check=always, wrong="false")
second = lab.step(
    "fetch-the-moon", "Fetch the moon", on="one", run="echo cheese", check=never, wrong="false"
)
third = lab.step("eat-it", "Eat it", on="one", run="true", check=always, wrong="false")
