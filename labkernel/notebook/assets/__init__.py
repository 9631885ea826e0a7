"""The page's files: scripts and styles of the cards.

The style that saved cards need as well is part of an extension of JupyterLab, in the form that
``--LabApp.extra_labextensions_path`` reads: an untrusted notebook loses its own styles.
"""

from importlib.resources import files

LABEXTENSIONS = files(__name__) / "labextensions"


def asset(*names: str) -> str:
    """The text of several files of the page, one after the other."""
    folder = files(__name__)
    return "\n".join((folder / name).read_text() for name in names)


def style() -> str:
    """The CSS of every card, live or saved."""
    return (LABEXTENSIONS / "labkernel" / "static" / "card.css").read_text()
