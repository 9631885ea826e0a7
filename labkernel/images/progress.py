"""Parses the output of layer.sh into a text for people and a fraction of progress."""

from dataclasses import dataclass

_STEPS = {
    "bootstrap": "making a minimal system",
    "prepare": "preparing",
    "update": "fetching the lists of packages",
    "install": "installing packages",
    "finish": "finishing",
}
# When each begins and how much of the time it takes, measured; the bootstrap is only for an image
# without a parent.
_WITH_BOOTSTRAP = {"bootstrap": (0.0, 0.5), "prepare": (0.5, 0.0), "update": (0.5, 0.05),
                   "install": (0.55, 0.4), "finish": (0.95, 0.05)}  # fmt: skip
_ON_PARENT = {"prepare": (0.0, 0.02), "update": (0.02, 0.2), "install": (0.22, 0.68),
              "finish": (0.9, 0.1)}  # fmt: skip
_BOOTSTRAP = {
    "running apt-get update": 0.1,
    "downloading packages": 0.25,
    "extracting archives": 0.45,
    "installing essential": 0.6,
    "installing remaining": 0.75,
    "cleaning": 0.95,
}
_DOWNLOADED = 0.3  # of the time of an installation


@dataclass
class Progress:
    """Follows the lines of one layer's build.

    :param step: the one that runs, in words for people.
    """

    has_parent: bool
    step: str = "starting"
    _name: str = ""

    def read(self, line: str) -> tuple[str, float] | None:
        """Parse a line: the current step, and the fraction of the layer that is done."""
        kind, _, rest = line.rstrip("\n").partition(":")
        if kind == "step" and rest in _STEPS:
            self._name, self.step = rest, _STEPS[rest]
            return self.step, self._done(0.0)
        if kind == "bootstrap":
            known = [fraction for text, fraction in _BOOTSTRAP.items() if rest.startswith(text)]
            return (f"{self.step}: {rest}", self._done(known[0])) if known else None
        if kind in ("dlstatus", "pmstatus"):
            return self._apt(kind, rest)
        return None

    def _apt(self, kind: str, rest: str) -> tuple[str, float] | None:
        """See README.progress-reporting of apt: "dlstatus:pkg:percent:text"."""
        _, _, rest = rest.partition(":")
        percent, _, text = rest.partition(":")
        try:
            fraction = float(percent) / 100
        except ValueError:
            return None
        if self._name == "install":
            fraction = (
                fraction * _DOWNLOADED
                if kind == "dlstatus"
                else _DOWNLOADED + fraction * (1 - _DOWNLOADED)
            )
        return f"{self.step}: {text}", self._done(fraction)

    def _done(self, fraction: float) -> float:
        begin, share = (_ON_PARENT if self.has_parent else _WITH_BOOTSTRAP)[self._name]
        return begin + share * min(fraction, 1.0)
