"""What a check says of itself: which kernel events can change its answer, whether it sends."""

import inspect
from collections.abc import Iterator

import pytest

from labkernel import Step, labs
from labkernel.attempt import Attempt, Check
from labkernel.checks import Events, Kind, both, events_of, eventually, fails, file, looks_at, on

TASKS = [
    pytest.param(step, id=f"{name}-{step.name}")
    for name in labs.names()
    for step in labs.load(name).steps
    if step.is_task
]
_ROUTE, _FILE = on("server", Kind.ROUTE), file("client", "/etc/hosts")


@looks_at(_ROUTE)
def _routed(attempt: Attempt) -> str:
    return f"{attempt} has the route"


@looks_at(_FILE, sends=True)
def _named(attempt: Attempt) -> str:
    return f"{attempt} knows the name"


@looks_at()
def _runs(attempt: Attempt) -> str:
    return f"on {attempt} it runs"


def _silent(attempt: Attempt) -> str:
    return f"{attempt} is there"


@pytest.mark.parametrize(
    ("check", "events"),
    [
        (both(_routed, _named), Events(_ROUTE | _FILE, sends=True, more=False)),
        (both(_routed, _runs), Events(_ROUTE, sends=False, more=True)),
        (both(_routed, _silent), Events(_ROUTE, sends=True)),
        (eventually(_routed), Events(_ROUTE, sends=False, more=False)),
        (eventually(both(_named, _runs), on="client"), Events(_FILE, sends=True)),
        (fails(_routed, "a route"), Events(_ROUTE, sends=False, more=False)),
        (fails(_named, "a name"), Events(_FILE, sends=True, more=False)),
        (_silent, Events(frozenset(), sends=True)),
    ],
)
def test_a_check_made_of_others_says_what_they_say(check: Check, events: Events) -> None:
    """It depends on all that they depend on, also on what no kernel reports, and sends if one of
    them does."""
    assert events_of(check) == events


@pytest.mark.parametrize(
    ("check", "quiet"),
    [
        (_routed, True),
        (_named, False),
        (_runs, False),
        (_silent, False),
        (both(_routed, _runs), False),
    ],
)
def test_quiet_is_who_names_events_and_sends_nothing(check: Check, quiet: bool) -> None:
    """Who names none can't be asked at one, nor who depends on more than the kernel reports."""
    assert events_of(check).quiet is quiet


def _parts(check: Check) -> Iterator[Check]:
    """The check, and those that it is made of by `both`, `eventually` and `fails`."""
    yield check
    held = inspect.getclosurevars(check).nonlocals
    if inspect.getmodule(check) is inspect.getmodule(both):
        for part in (*held.get("checks", ()), *filter(None, [held.get("check")])):
            yield from _parts(part)


def test_the_parts_of_a_check_are_found() -> None:
    """Of a check that is made of others, each says it, or none could be believed."""
    assert {_routed, _silent} < set(_parts(both(eventually(_routed), fails(_silent, "it"))))


@pytest.mark.parametrize("task", TASKS)
def test_a_tasks_check_says_it(task: Step) -> None:
    """What its answer depends on is said, and not taken for granted."""
    assert [part for part in _parts(task.check) if not hasattr(part, "events")] == []


@pytest.mark.parametrize("task", TASKS)
def test_the_nodes_that_a_check_names_are_the_labs(task: Step) -> None:
    """An event on a node that is not there would never come."""
    assert task.lab
    nodes = {node.name for node in task.lab.topology.nodes}
    assert {event.node for event in events_of(task.check).change} <= nodes


def test_many_tasks_can_be_asked_at_an_event() -> None:
    """A task that is quiet no more is noticed here."""
    quiet = [each.id for each in TASKS if events_of(each.values[0].check).quiet]  # type: ignore[union-attr]
    assert len(quiet) >= 23, quiet
