"""Output is decoded as it comes, and bounded."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from labkernel.backends.output import Bounded


@given(text=st.text(), cuts=st.lists(st.integers(0, 40)))
def test_however_it_is_cut(text: str, cuts: list[int]) -> None:
    """Short output comes back as it was, wherever the reads cut its characters apart."""
    data = text.encode()
    seen: list[str] = []
    output = Bounded(seen.append)
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, end in itertools.pairwise(places):
        output.add(data[start:end])
    output.close()
    assert output.text() == "".join(seen) == text


@given(pieces=st.lists(st.binary(max_size=30)), limit=st.integers(1, 20))
def test_bounded(pieces: list[bytes], limit: int) -> None:
    """Long output keeps its beginning and its end, and says how much is missing between them."""
    output = Bounded(limit=limit)
    for piece in pieces:
        output.add(piece)
    output.close()
    whole = b"".join(pieces).decode(errors="replace")
    if len(whole) <= 2 * limit:
        assert (output.text(), output.truncated) == (whole, 0)
    else:
        assert output.truncated == len(whole) - 2 * limit
        assert output.text().startswith(whole[:limit])
        assert output.text().endswith(whole[-limit:])
        assert f"{output.truncated:,} characters left out" in output.text()
