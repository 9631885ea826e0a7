"""A trainee's earlier work in a lab, from the record: a restarted kernel shows it again."""

from functools import cached_property

from labkernel import record
from labkernel.lab import Lab
from labkernel.outcomes import OutcomeData
from labkernel.record import Progress, Record, Work
from labkernel.steps import Step


class Past:
    """The earlier work in a lab; it is read when it is first asked for.

    :param kept: the trainee's record; ``None``: there is none.
    """

    def __init__(self, lab: Lab, kept: Record | None) -> None:
        self._lab = lab
        self._kept = kept

    @cached_property
    def _work(self) -> dict[str, Work]:
        return self._read()

    def _read(self) -> dict[str, Work]:
        return record.work(self._lab) if self._kept and self._kept.keeps("work") else {}

    def _progress(self, step: Step) -> Progress | None:
        kept = self._kept
        return kept.known.get(step.name) if kept and kept.keeps("events") else None

    def of(self, step: Step) -> Work | None:
        """The last work on a step; ``None`` without any."""
        return self._work.get(step.name)

    def hints(self, step: Step) -> int:
        """The number of hints that were shown."""
        known = self._progress(step)
        return known.hints if known else 0

    def has_passed(self, step: Step) -> bool:
        """Check if the step has ever passed."""
        known = self._progress(step)
        return bool(known and known.passed)

    def next_step(self) -> Step | None:
        """The step at which the trainee would go on: the first one behind the last that has
        passed; ``None`` if none has, or no step is left."""
        steps = self._lab.steps
        last = max((at for at, step in enumerate(steps) if self.has_passed(step)), default=None)
        return None if last is None or last + 1 == len(steps) else steps[last + 1]

    def commands(self) -> dict[Step, OutcomeData]:
        """The trainee's own commands that have passed, by step, where they are not the step's; also
        those of this kernel."""
        work = self._read()
        found = {step: work[step.name].passed for step in self._lab.steps if step.name in work}
        return {
            step: ended
            for step, ended in found.items()
            if ended and (ended.command.strip(), ended.node) != (step.run.strip(), step.on)
        }
