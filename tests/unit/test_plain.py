"""What a terminal was sent, as text."""

import pytest

from labkernel.plain import PlainParts, plain, plain_part


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b[1;31mred\x1b[0m",
        "\x1b]0;a title\x07red",
        "\x1b]8;;https://example.com\x1b\\red",
        "\x1b(Bred\x1b)0",
        "\x1b=\x1b7red\x1b8",
        "\x9b31mred",
        "r\x00e\x07d",
    ],
    ids=["colours", "title", "link", "character sets", "keypad", "C1", "control"],
)
def test_a_sequence_is_taken_out_wherever_it_is_cut(sent: str) -> None:
    """Escape sequences leave nothing behind, also where they come in two pieces."""
    assert plain_part(sent) == "red"
    for cut in range(len(sent) + 1):
        parts = PlainParts()
        assert parts.take(sent[:cut]) + parts.take(sent[cut:]) == "red", cut


def test_what_never_ends_is_not_held_for_ever() -> None:
    """A sequence without an end keeps nothing from the page but what came with it."""
    parts = PlainParts()
    parts.take("\x1b]0;")
    assert parts.take("x" * 1000) + parts.take("shown") == "shown"


def test_a_line_is_as_it_was_overwritten_last() -> None:
    """Carriage returns and backspaces take away what they overwrite."""
    assert plain("10 %\r20 %\r\nab\x08c\n") == "20 %\nac\n"
