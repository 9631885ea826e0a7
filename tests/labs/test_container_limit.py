"""The container limit: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import LabError, RunningLab
from labkernel.labs import container_limit as limit
from labkernel.labs.container_limit import views

pytestmark = pytest.mark.backend

LAB = "container-limit"


@pytest.mark.walk(limit.lead)
@pytest.mark.rare
def test_the_whole_way_works(running: RunningLab) -> None:
    """Real containers run on a bridge of their own with one shim, and what they take is told."""
    told: list[int] = []
    measurement = limit.measure(count=30, lab=running, on_container=lambda n, _: told.append(n))
    assert told == list(range(1, 31))
    assert [sample[0] for sample in measurement.samples] == [1, 30]
    assert str(measurement) == "30 containers run on one bridge."
    listed = running.run("host", "docker ps --quiet --filter network=many | wc -l", expect=0)
    assert listed.output == "30\n"
    shims = running.run("host", "pgrep -f 'containerd-shim.* -id ' | wc -l", expect=0)
    assert int(shims.output) < 30
    assert measurement.figure().axes
    assert list(measurement.table().index) == [1, 30]


@pytest.mark.walk(limit.lead)
def test_too_little_memory_is_said_beforehand(
    running: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too little memory nothing is started, and the numbers are in the message."""
    monkeypatch.setattr(views, "available_memory", lambda *_: 700.0)
    with pytest.raises(LabError, match=r"1,023 containers take about 1,480 MiB, and 700 MiB .*423"):
        limit.measure(full=True, lab=running)
