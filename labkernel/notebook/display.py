"""What a cell puts out: one bundle of MIME types, raw, so that nothing is added to it."""

from typing import Any


def display_bundle(bundle: dict[str, Any]) -> None:
    """Put out one display_data message with these representations."""
    from IPython.display import display

    display(bundle, raw=True)  # type: ignore[no-untyped-call]


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
