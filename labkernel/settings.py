"""What the environment chooses; read by the command line and by notebooks, and by nobody else.

They hand it on as arguments.
"""

import os

#: nodes that become VMs, separated by commas, or all of them
VMS = "LABKERNEL_VMS"
#: images that take the place of those that they stand on, separated by commas
IMAGE_OVERRIDE = "LABKERNEL_IMAGE_OVERRIDE"
#: makes every notebook run headless (for nbval, which has no parameters)
AUTO = "LABKERNEL_AUTO"
#: whether a trainee's record is kept: what they did (no commands), and their work itself
EVENTS, WORK = "LABKERNEL_EVENTS", "LABKERNEL_WORK"


def vms() -> tuple[str, ...]:
    """The names of nodes that become VMs."""
    return _listed(VMS)


def image_overrides() -> tuple[str, ...]:
    """The names of images that take the place of those that they stand on."""
    return _listed(IMAGE_OVERRIDE)


def is_unattended() -> bool:
    """Whether every notebook runs headless."""
    return os.environ.get(AUTO, "") not in ("", "0")


def keeps_events() -> bool:
    """Whether it is kept which steps were tried and how that ended; it is unless that says no."""
    return not _says_no(EVENTS)


def keeps_work() -> bool:
    """Whether commands, outputs and verdicts are kept; they are unless that says no."""
    return not _says_no(WORK)


def _says_no(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in ("0", "no", "off", "false")


def _listed(variable: str) -> tuple[str, ...]:
    return tuple(filter(None, os.environ.get(variable, "").split(",")))
