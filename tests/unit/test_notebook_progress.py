"""The bar below a cell that takes long."""

from typing import Any

import pytest

from labkernel import settings
from labkernel.notebook import bar, unattended


class Shown:
    """What a cell's display was updated to."""

    def __init__(self) -> None:
        self.html: list[str] = []

    def update(self, thing: Any) -> None:
        """What a display does."""
        self.html.append(thing.data)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A notebook's kernel, whose display keeps what it shows."""
    shown = Shown()
    monkeypatch.setattr("labkernel.notebook.display.in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: shown)
    monkeypatch.delenv(settings.AUTO, raising=False)
    return shown


def test_it_says_what_is_done_and_how_far(shown: Shown) -> None:
    """The bar has the part that is done, none where that is unknown, and the words, escaped."""
    tell = bar()
    tell("making <b>", 0.25)
    tell("waiting", None)
    assert shown.html == [
        '<progress value="0.250"></progress> making &lt;b&gt;',
        "<progress></progress> waiting",
    ]


def test_nothing_is_shown_where_nobody_looks(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A headless run has no bar in its outputs, and knows that it is one."""
    monkeypatch.setenv(settings.AUTO, "1")
    assert unattended()
    bar()("making", 0.5)
    assert shown.html == []
