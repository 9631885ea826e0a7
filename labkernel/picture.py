"""Pictures in a page, sized relative to its font, so that they scale with it."""

import base64
from html import escape

LEAST = 0.7
"""The fraction of its size down to which a picture shrinks; below that it scrolls."""


def style(width: float, letter: float, least: float = LEAST) -> str:
    """The CSS of a picture's size.

    :param width: in the picture's own units, as is the size of its letters.
    :param least: see :data:`LEAST`.
    """
    em = width / letter
    return f"width:{em:.4g}em;min-width:{em * least:.4g}em;max-width:100%;height:auto"


def drawn(svg: str, width: float, letter: float, least: float = LEAST) -> str:
    """An inline SVG with its size."""
    return f'<div class="lk-drawn" style="{style(width, letter, least)}">{svg}</div>'


def image(data: str, kind: str, alt: str, size: str = "") -> str:
    """An inline image.

    :param data: in base64.
    :param kind: its MIME type.
    :param size: the result of :func:`style`; empty: its size in CSS pixels.
    """
    sized = f' style="{size}"' if size else ""
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}"{sized}>'


def plot(png: bytes, dpi: float, alt: str) -> str:
    """A plot by matplotlib, whose font has 10 points."""
    width = int.from_bytes(png[16:20])  # of the header, PNG (third edition), 11.2.1
    size = style(width, 10 / 72 * dpi, least=0.6)
    return image(base64.b64encode(png).decode(), "image/png", alt, size)
