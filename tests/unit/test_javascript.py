"""The JavaScript of the page, as far as it needs no browser: see tests/javascript/."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import javascript

FILES = sorted(javascript.HERE.glob("*.test.js"))


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """What the tests import is installed."""
    try:
        javascript.install()
    except javascript.Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_behaves(file: Path) -> None:
    """The tests of a file of JavaScript pass in node."""
    words: list[str | Path] = [javascript.node(), "--test", "--test-reporter=spec", file]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_tests() -> None:
    """Cards and extension have their tests: an empty list would pass."""
    names = [file.name for file in FILES]
    assert names == ["cards.test.js", "course.test.js", "extension.test.js", "present.test.js"]


def test_says_what_is_missing_without_a_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where npm's registry can't be reached, one sentence says what is missing."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(javascript.HERE / name, tmp_path)
    monkeypatch.setattr(javascript, "HERE", tmp_path)
    monkeypatch.setattr(javascript, "_INSTALLED", tmp_path / "node_modules/.digest")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(javascript.Missing) as raised:
        javascript.install()
    said = str(raised.value)
    assert "\n" not in said
    assert "npm packages" in said
    assert "127.0.0.1:9" in said
