"""The QR code of an address, for the page: a presentation shows it to a class."""


def picture(address: str) -> str:
    """The code as a ``data:`` URL of a PNG with its quiet zone of four modules."""
    import segno  # only where somebody asks for it

    url: str = segno.make_qr(address, error="m").png_data_uri(scale=8, border=4)
    return url
