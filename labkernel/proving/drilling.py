"""The proof of a drill's fault: the lab works, is broken by it, says so, and is fixed."""

from labkernel.errors import CheckFailed
from labkernel.proving.cases import DrillCase
from labkernel.proving.hints import prove_commands
from labkernel.proving.holding import NotProved, require
from labkernel.running import RunningDrill, RunningLab


def prove_drill(running: RunningLab, case: DrillCase) -> None:
    """Show of a fault that the lab works before it, that the check then says what is wrong and does
    not pass by waiting, and that what Give up does fixes it.  Ends with the lab at work.

    :raises NotProved: what does not hold.
    :raises LabError: the lab can't be brought to work, or the fault does not show.
    """
    drill = running.drill(case.drill)
    running.up()
    if not all(running.has_passed(step) for step in case.drill.prepare):
        drill.set_up()
    try:
        drill.require_health()
        drill.break_by(case.fault)
        _must_say_so(drill, case)
        for hint in case.fault.hints:
            prove_commands(running, f'the fault "{case.fault.title}"', hint)
        require(case.fault.title in drill.solve(), f"{case.name}: Give up does not say what it was")
    except CheckFailed as failure:
        raise NotProved(f"{case.name}: the lab does not work again: {failure}") from failure


def _must_say_so(drill: RunningDrill, case: DrillCase) -> None:
    try:
        seen = drill.check()
    except CheckFailed:
        return
    raise NotProved(f"{case.name}: the check passed while it was broken: {seen}")
