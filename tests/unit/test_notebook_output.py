"""The output of a running step reaches the page whole, in order and in batches."""

import threading

import pytest

from labkernel.notebook.output import LIMIT, Output


class PageLog:
    """What a page would show."""

    def __init__(self) -> None:
        self.version, self.text, self.messages = -1, "", 0
        self.complete = threading.Event()

    def take(self, version: int, at: int, text: str) -> None:
        """As the card's script does it."""
        self.messages += 1
        if at == 0:
            self.version, self.text = version, ""
        assert (version, at) == (self.version, len(self.text)), "a gap"
        self.text += text
        if self.text.endswith("end\n"):
            self.complete.set()


@pytest.fixture
def page() -> PageLog:
    return PageLog()


def test_two_thousand_lines_arrive_in_few_messages(page: PageLog) -> None:
    """2,000 lines are complete and in order, without a message for each."""
    output = Output(page.take)
    lines = [f"line {number}\n" for number in range(2000)]
    for line in [*lines, "end\n"]:
        output.write(line)
    output.flush()
    assert page.text == "".join(lines) + "end\n"
    assert page.messages < 200


def test_first_piece_goes_at_once(page: PageLog) -> None:
    """The first piece does not wait for a batch to fill."""
    Output(page.take).write("now")
    assert page.text == "now"


def test_later_pieces_come_without_a_flush(page: PageLog) -> None:
    """What is written right after the first piece comes by itself."""
    output = Output(page.take)
    output.write("a\n")
    output.write("end\n")
    assert page.complete.wait(10)
    assert page.text == "a\nend\n"


def test_escape_sequences_split_between_pieces_are_removed(page: PageLog) -> None:
    """A colour whose code comes in two pieces leaves nothing of itself."""
    output = Output(page.take)
    for piece in ("\x1b[3", "1mred\x1b", "[0m", " end\n"):
        output.write(piece)
    output.flush()
    assert page.text == "red end\n"


def test_endless_output_is_bounded(page: PageLog) -> None:
    """Of a very long output the page holds the beginning and the end."""
    output = Output(page.take)
    output.write("begin\n")
    for _ in range(100):
        output.write("x" * 65536 + "\n")
    output.write("end\n")
    output.flush()
    assert page.text == output.text
    assert len(output.text) <= 2 * LIMIT
    assert page.text.startswith("begin\n")
    assert page.text.endswith("\nend\n")
    assert page.text.count("characters left out") == 1


def test_clear_begins_a_new_version(page: PageLog) -> None:
    """A new run's output replaces that of the one before."""
    output = Output(page.take)
    output.write("old")
    output.clear()
    output.write("new")
    output.flush()
    assert page.text == "new"


def test_writers_from_many_threads_lose_nothing(page: PageLog) -> None:
    """Pieces from several threads all arrive."""
    output = Output(page.take)
    threads = [
        threading.Thread(target=lambda: [output.write("x") for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    output.flush()
    assert page.text == "x" * 2000
