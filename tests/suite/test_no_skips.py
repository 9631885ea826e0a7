"""Where every test must run, a skip is a failure: no machine looks green by proving nothing."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def skipping(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A test directory in which one test and one module skip."""
    monkeypatch.delenv("LABKERNEL_NO_SKIPS", raising=False)
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(
        test_one="import pytest\ndef test_skips(): pytest.skip('no such thing here')",
        test_two="import pytest\npytest.importorskip('no_such_module')",
    )
    return pytester


def test_skips_are_skips_where_nobody_asks(skipping: pytest.Pytester) -> None:
    """On a developer's machine a test that can't run is skipped."""
    skipping.runpytest_subprocess().assert_outcomes(skipped=2)


def test_skips_fail_where_every_test_must_run(
    skipping: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With LABKERNEL_NO_SKIPS=1 both kinds of skip fail and say which test and why."""
    monkeypatch.setenv("LABKERNEL_NO_SKIPS", "1")
    result = skipping.runpytest_subprocess("--continue-on-collection-errors")
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*test_one.py::test_skips was skipped: *no such thing here*"])
