"""What all tests share."""

import os
import resource
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from labkernel.vm import kvm
from tests.pools import WAITING
from tests.times import CPU

# the contract's tests stand in the package: without this, a failure of theirs has no values
pytest.register_assert_rewrite("labkernel.testing")

#: there is time: `make test-long`
LONG = os.environ.get("LABKERNEL_LONG") == "1"
IN_DEBIAN_13 = os.environ.get("LABKERNEL_DEBIAN_13") == "1"
NO_SKIPS = os.environ.get("LABKERNEL_NO_SKIPS") == "1"


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A test that could not run proved nothing: where all must run, that is a failure."""
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"LABKERNEL_NO_SKIPS=1, but {report.nodeid} was skipped: {why}"


def _has_time_for_long() -> bool:
    return LONG or not kvm.unusable_reason()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The tests of a file run in one process, but for those that say which group is theirs; what
    takes long by emulation is left to `make test-long` where KVM does not work."""
    long = [item for item in items if _takes_long(item)]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if _waits(item):
            item.add_marker(pytest.mark.waits)


#: folders that are for `make test-long` as a whole: KVM would not make them shorter
_LONG_FOLDERS = ("arm64", "containers")


def _takes_long(item: pytest.Item) -> bool:
    if item.path.parent.name in _LONG_FOLDERS:
        return not LONG
    if item.get_closest_marker("rare"):
        return not LONG
    marked = bool(item.get_closest_marker("long"))
    return (not LONG and _elsewhere(item)) or (marked and not _has_time_for_long())


#: what an ordinary user runs where root runs the tests: see test_ordinary_user.py of each folder
_OTHERS_RUN = (
    "tests/backends/test_namespaces_faults.py",
    "tests/cli/test_nodes.py",
    "tests/cli/test_run.py",
    "tests/images/test_layers.py",
    "tests/labs/test_engine.py",
    *(
        f"tests/security/test_{each}.py"
        for each in (
            "archives", "labs_and_notebooks", "listeners", "ovas", "output", "shell", "signals",
            "standing_still", "unfinished_files",
        )
    ),
)  # fmt: skip


def _elsewhere(item: pytest.Item) -> bool:
    """Whether an ordinary user runs it, who can do less: root need not run it as well, unless its
    file is asked for or there is time."""
    if os.geteuid() != 0 or not NO_SKIPS or IN_DEBIAN_13:
        return False
    place = item.path.relative_to(item.config.rootpath).as_posix()
    return place in _OTHERS_RUN and place not in item.config.args


def _waits(item: pytest.Item) -> bool:
    """Whether a test waits for a lab most of its time: not where machines of it are emulated."""
    place = item.path.relative_to(item.config.rootpath).as_posix()
    return place.startswith(WAITING) and not item.get_closest_marker("emulated")


def _cpu() -> float:
    """Seconds of this process, and of those that it started and waited for, with theirs."""
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in found)


_BEGAN = pytest.StashKey[float]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See NO_SKIPS, for a test that skips; and how much CPU time it took, see times.py."""
    if call.when == "teardown":
        item.user_properties.append((CPU, f"{_cpu() - item.stash[_BEGAN]:.2f}"))
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """From here on its time counts, and that of the fixtures that are made for it."""
    item.stash[_BEGAN] = _cpu()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """See NO_SKIPS, for a module that skips when it is imported."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests do is in no user's record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="module")
def runtime_directory() -> Iterator[Path]:
    """A runtime directory of these tests' own; short, since the paths of sockets are bounded."""
    path = Path(tempfile.mkdtemp(prefix="lk"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(path))
        yield path
    shutil.rmtree(path)
