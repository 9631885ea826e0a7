"""How this notebook runs: with cards for people, or headless."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkernel.lab import Lab

AUTO = "LABKERNEL_AUTO"
"""The environment variable that makes every notebook run headless (for nbval, which has no
parameters)."""


@dataclass
class Mode:
    """What the notebook's parameters chose.

    :ivar backend: the backend's name; empty: each lab's first.
    :ivar run_steps: whether each step runs as soon as it is shown, without cards.
    :ivar lab: the one that was shown last.
    """

    backend: str = ""
    run_steps: bool = False
    lab: "Lab | None" = None

    @property
    def headless(self) -> bool:
        """Whether steps run by themselves."""
        return self.run_steps or os.environ.get(AUTO, "") not in ("", "0")


current = Mode()
