"""The time that long work still takes."""

import pytest

from labkernel.progress import Remaining, within


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _told(*reports: tuple[float, float | None]) -> tuple[Remaining, _Clock]:
    clock = _Clock()
    remaining = Remaining(clock)
    for seconds, fraction in reports:
        clock.now = 100.0 + seconds
        remaining.hear(fraction)
    return remaining, clock


@pytest.mark.parametrize(
    ("reports", "text"),
    [
        ([], ""),
        ([(0, 0.0), (4, 0.4)], ""),
        ([(0, 0.0), (60, 0.01)], ""),
        ([(0, 0.0), (60, None)], ""),
        ([(0, 0.0), (60, 0.25)], "25 %, about 3 min left"),
        ([(0, 0.0), (60, 0.75)], "75 %, about 20 s left"),
        ([(0, 0.5), (60, 0.75)], "75 %, about 60 s left"),
        ([(0, 0.0), (60, 1.0)], "100 %, about 10 s left"),
    ],
)
def test_the_time_that_is_left(reports: list[tuple[float, float | None]], text: str) -> None:
    """It follows from the time that the part took which was seen, once that is enough."""
    remaining, _ = _told(*reports)
    assert remaining.text == text


def test_it_begins_again() -> None:
    """A fraction that falls belongs to another work, of which nothing is known yet."""
    remaining, _ = _told((0, 0.0), (60, 0.9), (61, 0.0), (62, 0.1))
    assert remaining.text == ""


def test_it_counts_down_between_reports() -> None:
    """The time goes on where nothing is reported."""
    remaining, clock = _told((0, 0.0), (60, 0.5))
    assert remaining.seconds == pytest.approx(60)
    clock.now += 20
    assert remaining.seconds == pytest.approx(40)


def test_parts_of_a_work() -> None:
    """The fraction of a part is that of the whole work, scaled; unknown stays unknown."""
    told: list[float | None] = []
    tell = within(lambda _, fraction: told.append(fraction), 1, 4)
    tell("", 0.5)
    tell("", None)
    assert told == [0.375, None]
