"""The output of a cell: one bundle of MIME types, unchanged by IPython's formatters."""

import os
from typing import Any

from labkernel.errors import LabError


def display_bundle(bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Put out one display_data message with these representations; without IPython, the text."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(bundle["text/plain"])
    else:
        display(bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def in_notebook() -> bool:
    """Check if this runs in a notebook's kernel."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def nobody_is_there() -> bool:
    """Check if a program executes the cells without showing them (jupyter execute, nbconvert,
    papermill): it does not allow input.

    Voila does not allow input either, but shows a page.
    """
    from IPython.core.getipython import get_ipython

    if not in_notebook() or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return False
    shell: Any = get_ipython()
    request = shell.kernel.get_parent()
    return (request or {}).get("content", {}).get("allow_stdin") is False


def without_frames(error: LabError) -> LabError:
    """The error, which IPython then shows as one sentence."""
    error._render_traceback_ = lambda: [f"{type(error).__name__}: {error}"]  # type: ignore[attr-defined]
    return error
