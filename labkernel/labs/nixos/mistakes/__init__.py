"""NixOS: usual mistakes and other right answers, by the parts of the lesson."""

from labkernel.labs.nixos.mistakes import disk, evaluating, store, systems

_PARTS = (disk, evaluating, store, systems)

MISTAKES = {step: given for part in _PARTS for step, given in part.MISTAKES.items()}

ALSO_RIGHT = {
    step: given for part in _PARTS for step, given in getattr(part, "ALSO_RIGHT", {}).items()
}
