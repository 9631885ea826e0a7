"""What must hold, and does not."""


class NotProved(AssertionError):
    """Something that must hold does not."""


def require(holds: bool, why: str) -> None:
    """Raise NotProved unless it holds; unlike `assert`, also where Python optimises."""
    if not holds:
        raise NotProved(why)
