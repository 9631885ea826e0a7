"""Requirements of a proof, and the error if one is not met."""


class NotProved(AssertionError):
    """Something that must hold does not."""


def require(holds: bool, why: str) -> None:
    """Raise NotProved unless it holds; unlike `assert`, also where Python optimises."""
    if not holds:
        raise NotProved(why)
