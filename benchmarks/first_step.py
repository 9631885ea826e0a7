"""From nothing to the first green step: `make lab` on a fresh Debian 13, and the same by hand.

``sudo .venv/bin/python benchmarks/first_step.py [--json] [--rounds N]``; what is compared is in
README.md.
"""

import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import OURS, Missing, Report, Target, need, options, turns
from fresh import CHECKOUT, Fresh, ended, fresh, started

if TYPE_CHECKING:
    import subprocess

BY_HAND = "by hand"
COLD, WARM = "nothing downloaded before", "packages downloaded before"
TARGETS = (Target("60 s", 1.0),)
SECONDS = 60.0
_PATIENCE = 600_000  # ms
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\S+token=\S+")
#: what a line of its output begins, and what takes the time from then on
_PARTS = (
    (re.compile("labkernel: installing"), "apt"),
    (re.compile("labkernel: setting up"), ".venv, and image base"),
    (re.compile("labkernel: waiting for the image"), "the rest of image base"),
    (re.compile("the course is in|image base: built"), "JupyterLab"),
)


def main() -> int:
    given = options(__doc__, rounds=3).parse_args()
    report = Report("first_step", (OURS, BY_HAND, "60 s"))
    parts: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="labkernel-downloads-") as place, _page() as page:
        downloads = Path(place)
        try:
            whole = _ours(page, None, downloads, {})
        except Missing as why:
            report.missing(OURS, why)
        else:
            report.add(COLD, {OURS: [whole], "60 s": [SECONDS]})
            ways: dict[str, Callable[[], float]] = {
                OURS: lambda: _ours(page, downloads, downloads, parts),
                BY_HAND: lambda: _by_hand(downloads),
            }
            samples: dict[str, list[float]] = {}
            for way, seconds in turns(ways, given.rounds, 1200, report, WARM):
                samples.setdefault(way, []).append(seconds)
            report.add(WARM, {**samples, "60 s": [SECONDS]}, TARGETS)
            for part, taken in parts.items():
                report.add(f"  {part}", {OURS: taken})
    report.show(given.json)
    return 0


@contextmanager
def _page() -> Iterator[Any]:
    """A browser that is open already, as most are."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        chromium = need("chromium", "chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])

        @contextmanager
        def opened() -> Iterator[Any]:
            context = browser.new_context(viewport={"width": 1240, "height": 900})
            context.set_default_timeout(_PATIENCE)
            try:
                yield context.new_page()
            finally:
                context.close()

        yield opened
        browser.close()


def _ours(page: Any, before: Path | None, after: Path, parts: dict[str, list[float]]) -> float:
    """`make lab`, Start, Run; the seconds until the first step is green."""
    with fresh(before) as machine:
        clock = _Clock()
        process = started(machine, "make", "-C", "/root/labkernel", "lab")
        try:
            address = clock.address(process)
            clock.begin("page")
            with page() as opened:
                _first_step(opened, address, clock)
        finally:
            ended(process)
        if not before:
            machine.keep(after)
    for part, seconds in clock.parts().items():
        parts.setdefault(part, []).append(seconds)
    return clock.total()


class _Clock:
    """Where the time goes."""

    def __init__(self) -> None:
        self._marks = [("make", time.perf_counter())]

    def begin(self, part: str) -> None:
        """A part begins, and the one before it ends."""
        self._marks.append((part, time.perf_counter()))

    def address(self, process: "subprocess.Popen[str]") -> str:
        """Read what `make lab` says, until it gives the address of JupyterLab.

        :raises Missing: it ended without one.
        """
        said = []
        for line in process.stdout or ():
            said.append(line)
            for pattern, part in _PARTS:
                if pattern.search(line):
                    self.begin(part)
            if found := _ADDRESS.search(line):
                return found[0]
        raise Missing(f"make lab ended: {''.join(said[-5:])}")

    def parts(self) -> dict[str, float]:
        """The seconds of each part."""
        return {
            part: after - before
            for (part, before), (_, after) in zip(self._marks, self._marks[1:], strict=False)
        }

    def total(self) -> float:
        """From the first mark to the last."""
        return self._marks[-1][1] - self._marks[0][1]


def _first_step(page: Any, address: str, clock: _Clock) -> None:
    from playwright.sync_api import expect

    page.goto(address)
    page.get_by_role("button", name="Start this notebook").click()
    step = page.locator(".lk-step").first
    run = step.locator(".lk-run")
    expect(run).to_have_attribute("aria-disabled", "false")
    clock.begin("first step")
    run.click()
    expect(step.locator(".lk-verdict")).to_contain_text("Passed")
    clock.begin("end")


def _by_hand(downloads: Path) -> float:
    """By mmdebstrap and ip netns, on the same fresh machine; the seconds until the first answer."""
    from labkernel.images import mirror

    recipe = tomllib.loads((CHECKOUT / "images/base/image.toml").read_text())
    with fresh(downloads) as machine:
        began = time.perf_counter()
        _there(machine, "apt-get", "update")
        _there(machine, "apt-get", "install", "--yes", "--no-install-recommends", "mmdebstrap")
        packages = ",".join(recipe["packages"])
        script = "/root/labkernel/benchmarks/ways/by-hand.sh"
        _there(machine, "bash", script, packages, mirror.url(), "/root/node")
        return time.perf_counter() - began


def _there(machine: Fresh, *words: str) -> None:
    process = started(machine, *words)
    said, _ = process.communicate()
    if process.returncode != 0:
        raise Missing(f"{words[0]} ended with {process.returncode}: {said[-300:]}")


if __name__ == "__main__":
    sys.exit(main())
