"""The HTML below a step's output: its recordings, and its view (a table, a plot, any object)."""

import base64
import sys
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any

from labkernel import picture
from labkernel.errors import AuthorError
from labkernel.evaluation import authors
from labkernel.observing import Recording, Seen
from labkernel.steps import Outcome


def of_outcome(outcome: Outcome, live: bool = False, judged: bool = True) -> list[str]:
    """The HTML of the packets that a step recorded, and of what its view makes of its outcome.

    :param live: for a page that it becomes a part of, and that shows what the step watches itself;
        else it stands alone.
    :param judged: whether it ran as the step; else its view can make nothing of it.
    :raises AuthorError: a view, or the picture of a watch, can't be made.
    """
    return [*recorded(outcome, live), *(of_view(outcome) if judged else ())]


def recorded(outcome: Outcome, live: bool = False) -> list[str]:
    """The HTML of a step's recordings; the arguments are those of :func:`of_outcome`."""
    return [*([] if live else _watched(outcome)), *_packets(outcome, live)]


def _watched(outcome: Outcome) -> list[str]:
    """Also of a step that failed."""
    seen = outcome.artifact(Seen)
    if seen is None or not seen.samples or isinstance(outcome.failure, AuthorError):
        return []
    with authors(f'the picture of the watch "{seen.watch.title}"'):
        return [seen.watch.picture(seen.samples, False)]


def _packets(outcome: Outcome, live: bool) -> list[str]:
    """Also of a step that failed: the packets tell why."""
    recording = outcome.artifact(Recording)
    if recording is None:
        return []
    from labkernel.notebook import packets

    return [packets.html(recording, outcome.step.name, live)]


def of_view(outcome: Outcome) -> list[str]:
    """The HTML of the step's view; empty if it has none, or the command did not run as expected."""
    if outcome.step.view is None or outcome.exit_code is None:
        return []
    if outcome.failure and outcome.exit_code != outcome.step.exits:
        return []
    with authors(f'the view of the step "{outcome.step.title}"'):
        shown = outcome.step.view(outcome)
        several = shown if isinstance(shown, list | tuple) else [shown]
        return [html(thing) for thing in several if thing is not None]


def html(thing: Any) -> str:
    """One object as HTML."""
    if _is_figure(thing):
        return _figure(thing)
    for method, render in _RENDERERS.items():
        made = getattr(thing, method, None)
        if callable(made) and (data := made()) is not None:
            return render(data)
    return f"<pre>{escape(str(thing))}</pre>"


_DPI = 144


def _is_figure(thing: Any) -> bool:
    matplotlib = sys.modules.get("matplotlib.figure")  # a figure can't be without it
    return matplotlib is not None and isinstance(thing, matplotlib.Figure)


def _figure(figure: Any) -> str:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=_DPI, bbox_inches="tight", metadata={"Software": None})
    titles = [axes.get_title() for axes in figure.axes]
    return picture.plot(file.getvalue(), _DPI, ", ".join(filter(None, titles)) or "Plot")


def _png(data: bytes | str) -> str:
    text = data if isinstance(data, str) else base64.b64encode(data).decode()
    return picture.image(text, "image/png", "Picture")


_RENDERERS: dict[str, Callable[[Any], str]] = {
    "_repr_html_": str,
    "_repr_svg_": str,
    "_repr_png_": _png,
    "_repr_markdown_": lambda text: f"<pre>{escape(text)}</pre>",
}
