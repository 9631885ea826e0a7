"""A progress bar below a cell, for what takes long and is no step."""

from html import escape

from labkernel.notebook.current import notebook
from labkernel.progress import OnProgress


def unattended() -> bool:
    """Check if this notebook runs headless: then it should show short results."""
    return notebook.headless


def bar() -> OnProgress:
    """A bar below the cell that calls it; nothing is shown in a headless run.

    :returns: what is told how far it is: what is done, and the part (0 to 1; ``None``: unknown).
    """
    from labkernel.notebook.display import in_notebook

    if unattended() or not in_notebook():
        return lambda *_: None
    from IPython.display import HTML, display

    shown = display(HTML(""), display_id=True)  # type: ignore[no-untyped-call]

    def tell(what: str, fraction: float | None) -> None:
        value = "" if fraction is None else f' value="{fraction:.3f}"'
        shown.update(HTML(f"<progress{value}></progress> {escape(what)}"))  # type: ignore[no-untyped-call]

    return tell
