"""Pictures in a page: as large as the letters around them, so that they grow with the page's."""

import base64
from html import escape

LEAST = 0.7
"""The part of a picture's size below which it is not shrunk: then it is scrolled."""


def style(width: float, letter: float, least: float = LEAST) -> str:
    """The CSS of a picture's size.

    :param width: in the picture's own units, as is the size of its letters.
    :param least: see :data:`LEAST`.
    """
    em = width / letter
    return f"width:{em:.4g}em;min-width:{em * least:.4g}em;max-width:100%;height:auto"


def drawn(svg: str, width: float, letter: float, least: float = LEAST) -> str:
    """An SVG that is a part of the page, in its size."""
    return f'<div class="lk-drawn" style="{style(width, letter, least)}">{svg}</div>'


def image(data: str, kind: str, alt: str, size: str = "") -> str:
    """An image that stands in the page itself.

    :param data: in base64.
    :param kind: its MIME type.
    :param size: what :func:`style` gives; empty: as many CSS pixels as it has.
    """
    sized = f' style="{size}"' if size else ""
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}"{sized}>'


def plot(png: bytes, dpi: float, alt: str) -> str:
    """A plot by matplotlib, whose letters have 10 points."""
    width = int.from_bytes(png[16:20])  # of the header, PNG (third edition), 11.2.1
    size = style(width, 10 / 72 * dpi, least=0.6)
    return image(base64.b64encode(png).decode(), "image/png", alt, size)
