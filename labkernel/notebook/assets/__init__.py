"""The page's files: scripts and styles of the cards.

What JupyterLab loads before any cell has run is no part of the package: it is data of the wheel, in
``jupyter/share/jupyter/labextensions`` (saved cards, Start, terminals).
"""

from importlib.resources import files


def asset(*names: str) -> str:
    """The text of several files of the page, one after the other."""
    folder = files(__name__)
    return "\n".join((folder / name).read_text() for name in names)


def style() -> str:
    """The CSS of every card, live or saved."""
    return asset("card.css")
