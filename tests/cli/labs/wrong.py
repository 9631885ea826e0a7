"""The second of three steps does not do what it teaches."""

from labkernel import CheckFailed, Lab, Node

lab = Lab("wrong", nodes=[Node("one", memory=16)])


def always(lab: Lab) -> str:
    """A check that passes, for steps that tests never prove."""
    return "it was looked at"


def never(lab: Lab) -> str:
    """A check that fails."""
    raise CheckFailed("one: expected the moon", "got cheese", "Try: a <telescope>\x1b[1m.")


first = lab.step("Look up", on="one", run="true", check=always, wrong="false")
second = lab.step("Fetch the moon", on="one", run="echo cheese", check=never, wrong="false")
third = lab.step("Eat it", on="one", run="true", check=always, wrong="false")
