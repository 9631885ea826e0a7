"""Settings in environment variables, which only the command line and notebooks read.

They pass them on as arguments.
"""

import os

#: nodes that become VMs, separated by commas, or all of them
VMS = "LABKERNEL_VMS"
#: images that replace the images that they are based on, separated by commas
IMAGE_OVERRIDE = "LABKERNEL_IMAGE_OVERRIDE"
#: makes every notebook run headless (for nbval, which has no parameters)
AUTO = "LABKERNEL_AUTO"
#: whether a trainee's record is written: events (no commands), and work
EVENTS, WORK = "LABKERNEL_EVENTS", "LABKERNEL_WORK"
#: whether tasks are checked by themselves when a node's kernel reports a change
QUIET = "LABKERNEL_QUIET"


def vms() -> tuple[str, ...]:
    """The names of nodes that become VMs."""
    return _listed(VMS)


def image_overrides() -> tuple[str, ...]:
    """The names of images that replace the images that they are based on."""
    return _listed(IMAGE_OVERRIDE)


def is_unattended() -> bool:
    """Check if every notebook runs headless."""
    return os.environ.get(AUTO, "") not in ("", "0")


def keeps_events() -> bool:
    """Check if attempts at steps are recorded, which is the default."""
    return not _is_off(EVENTS)


def keeps_work() -> bool:
    """Check if commands, outputs and verdicts are recorded, which is the default."""
    return not _is_off(WORK)


def checks_quietly() -> bool:
    """Check if tasks are checked by themselves, which is the default."""
    return not _is_off(QUIET)


def _is_off(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in ("0", "no", "off", "false")


def _listed(variable: str) -> tuple[str, ...]:
    return tuple(filter(None, os.environ.get(variable, "").split(",")))
