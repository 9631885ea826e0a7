"""A lab: a topology and its steps, declared once; notebook, command line and tests use this one
object."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from labkernel import backends, images, memory, vm
from labkernel.backends.base import Backend, Command, OnOutput, OnProgress, Result
from labkernel.drills import Drill
from labkernel.errors import (
    AuthorError,
    BackendError,
    CheckFailed,
    CommandFailed,
    LabError,
    Stopped,
)
from labkernel.execution import Execution, Heard, failure_of
from labkernel.judging import evidence_of
from labkernel.preparing import Files, Preparation
from labkernel.steps import Check, Outcome, Step, Task
from labkernel.topology import Link, Node, Topology
from labkernel.watching import OnSamples

if TYPE_CHECKING:
    from labkernel.packets import Packet

S = TypeVar("S", bound=Step)

#: why a lab does not run on a backend of which it says nothing
NOT_TRIED = "its steps have not been run there yet"

OnStep = Callable[[Step, int, int], None]
"""Called before each replayed step with it, its place (from 0) and how many there are."""


class Lab:
    """A topology and its steps.

    :param name: as on the command line: ``labkernel run NAME``.
    :param nodes: see :class:`~labkernel.topology.Node`; for their images LABKERNEL_LATER may name
        later ones (:func:`labkernel.images.later`), and LABKERNEL_VMS nodes that become VMs.
    :param links: see :class:`~labkernel.topology.Link`.
    :param title: one line that says what it teaches.
    :param setup: what each node runs once the lab is up and before the first step: the state that
        the lesson takes for granted.
    :param files: what nodes are given before that, as ``"node:/directory"`` and what makes the
        archives that are unpacked there: for what is too large for a command, and no image's.
    :param begin: the same for what concerns several nodes at once: called after `setup`.
    :param backends: the names of the backends it can run on.
    :param excluded: for other backends, one sentence that says why not.
    :param linux: the oldest kernel that has what its nodes need, where they share the machine's;
        ``(0, 0)`` if any will do that namespaces run on.
    :param memory: what its daemons and files take at their most, in MiB; 0 if that is little.
    :ivar stops: how often it was stopped: who waits for something sees that it was meanwhile.
    :raises TopologyError: the declaration contradicts itself.
    """

    def __init__(
        self,
        name: str,
        nodes: Iterable[Node],
        links: Iterable[Link] = (),
        *,
        title: str = "",
        setup: Mapping[str, str] | None = None,
        files: Mapping[str, Files] | None = None,
        begin: Callable[["Lab"], object] | None = None,
        backends: Iterable[str] = ("namespaces",),
        excluded: Mapping[str, str] | None = None,
        linux: tuple[int, int] = (0, 0),
        memory: int = 0,
    ) -> None:
        made = (vm.as_asked(replace(node, image=images.later(node.image))) for node in nodes)
        self.topology = Topology(name, tuple(made), tuple(links))
        self.title = title or name
        self.preparation = Preparation(files or {}, setup or {}, begin)
        for node in self.preparation.nodes():
            self.topology.node(node)
        self.backends = tuple(backends)
        self.excluded = dict(excluded or {})
        self.linux = linux
        self.memory = memory
        self.steps: list[Step] = []
        self.drills: list[Drill] = []
        self.shortcuts: dict[Step, Callable[[Lab], object]] = {}
        self._backend: Backend | None = None
        self._outcomes: dict[Step, Outcome] = {}
        self._passed: set[str] = set()
        self._kept: dict[str, Any] = {}
        self._looking_at: Step | None = None
        self._looked_at_output = False
        self.stops = 0
        self._stops_before = 0
        self._execution: Execution | None = None
        self._doing = threading.Lock()
        self._starting = threading.RLock()

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.topology.name

    def __repr__(self) -> str:
        nodes = ", ".join(node.name for node in self.topology.nodes)
        return f"<Lab {self.name}: {nodes}; {len(self.steps)} steps>"

    # -- declaring ---------------------------------------------------------------------------

    def step(
        self,
        title: str,
        *,
        on: str,
        run: str,
        check: Check,
        hint: str | Iterable[str] = (),
        **more: Any,
    ) -> Step:
        """Declare the next step; further arguments as in :class:`~labkernel.steps.Step`."""
        return self._add(Step(title, on, run, check, hints=_texts(hint), **more))

    def task(
        self,
        title: str,
        *,
        on: str,
        solution: str,
        check: Check,
        hint: str | Iterable[str],
        **more: Any,
    ) -> Task:
        """Declare the next step as one that the trainee does."""
        return self._add(Task(title, on, solution, check, hints=_texts(hint), **more))

    def _add(self, step: S) -> S:
        self.topology.node(step.on)
        if step.capture:
            step.capture.port(self.topology)
        if step.watch:
            self.topology.node(step.watch.on)
        if any(step.name == other.name for other in self.steps):
            raise LabError(f'lab "{self.name}" has two steps titled "{step.title}"')
        self.steps.append(step)
        object.__setattr__(step, "lab", self)
        return step

    def drill(self, title: str, **more: Any) -> Drill:
        """Declare a drill; the arguments are those of :class:`~labkernel.drills.Drill`."""
        self.drills.append(Drill(self, title, **more))
        return self.drills[-1]

    def shortcut(self, step: Step, by: Callable[["Lab"], object]) -> None:
        """Declare what brings a lab that has just begun to where it is after a step, in less time
        than the steps up to it: :meth:`goto` then takes that way."""
        self.shortcuts[self.steps[self.steps.index(step)]] = by

    def find(self, name: str) -> Step:
        """The step of that name or place (from 1).

        :raises LabError: there is none.
        """
        for place, step in enumerate(self.steps, start=1):
            if name in (step.name, str(place)):
                return step
        raise LabError(
            f'lab "{self.name}" has no step "{name}"; '
            f"steps: 1 to {len(self.steps)}, or {', '.join(s.name for s in self.steps)}"
        )

    # -- running -----------------------------------------------------------------------------

    @property
    def backend(self) -> Backend:
        """What runs it; the first of its backends that this system can have, if none was chosen."""
        if self._backend is None:
            self.use(backends.usual(self.backends))
        assert self._backend is not None
        return self._backend

    def use(self, backend: str | Backend, **options: Any) -> Self:
        """Choose a backend, by name (with its options) or ready made.

        :raises LabError: there is none of that name, the lab can't run on it, or it has no
            such node as LABKERNEL_VMS names.
        """
        # not when it is declared: the setting may be for another lab, which stands on this one
        vm.require_asked(self.topology)
        if isinstance(backend, str):
            # by its name a lab is found again, also by a process that has not started it
            made = backends.make(backend, **{"instance": self.name, **options})
            if backend not in self.backends:
                why = self.excluded.get(backend, NOT_TRIED)
                raise LabError(
                    f'lab "{self.name}" does not run on the {backend} backend: {why}; '
                    f"backends: {', '.join(self.backends)}"
                )
            backend = made
        self._backend = backend
        return self

    def up(self, on_progress: OnProgress | None = None) -> Self:
        """Start it, or attach to it where it runs already.

        :raises BackendError: what could not be started and why; nothing is left behind.
        """
        with self._starting:
            if self.memory and not self.is_up():
                self._require_memory()
            self.backend.up(self.topology, on_progress)
            memo = self.backend.read_memo()
            self._passed = set(memo.get("passed", ()))
            self._kept = dict(memo.get("kept", {}))
            if not memo.get("ready"):
                self._prepare(on_progress)
        return self

    def _require_memory(self) -> None:
        """Say before the start what would end a daemon in the middle of a step."""
        there = memory.available() >> 20
        if there < self.memory:
            raise BackendError(
                f'lab "{self.name}" takes {self.memory} MiB of memory, and {there} MiB can be used '
                "now. Try: end what uses the memory; labkernel status shows the labs that run"
            )

    def _prepare(self, on_progress: OnProgress | None) -> None:
        self._outcomes.clear()
        try:
            self.preparation.run(self, on_progress)
        except BaseException:
            self.backend.down()
            raise
        self._note()

    def _note(self) -> None:
        """Have the running lab keep which steps have passed, for whoever attaches to it."""
        memo = {"ready": True, "passed": sorted(self._passed), "kept": self._kept}
        self.backend.write_memo(memo)

    def keep(self, name: str, value: Any) -> None:
        """Have the running lab keep something (JSON), until it ends or starts afresh."""
        self._kept[name] = value
        self._note()

    def kept(self, name: str) -> Any:
        """What :meth:`keep` was given; ``None`` if nothing."""
        return self._kept.get(name)

    def is_up(self) -> bool:
        """Whether it runs."""
        return self.backend.is_up()

    def down(self) -> None:
        """End it: nothing is left."""
        with self._starting:
            self.backend.down()
            self._forget()

    def reset(self, on_progress: OnProgress | None = None) -> Self:
        """Start it afresh."""
        with self._starting:
            self.backend.reset(self.topology, on_progress)
            self._forget()
            return self.up(on_progress)

    def _forget(self) -> None:
        self._outcomes.clear()
        self._passed.clear()
        self._kept.clear()

    def __enter__(self) -> Self:
        return self.up()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    def run(
        self,
        node: str,
        command: Command,
        on_output: OnOutput | None = None,
        timeout: float | None = 60.0,
        *,
        stdin: bytes = b"",
        expect: int | None = None,
    ) -> Result:
        """Run a command on a node of the running lab.

        :param expect: the exit code that is right; ``None`` accepts any.
        :raises CommandFailed: it ended with another one.
        :raises NodeLost: the node or the lab ended meanwhile.
        """
        self.topology.node(node)
        result = self.backend.run(node, command, on_output, timeout, stdin=stdin)
        if expect is not None and (result.timed_out or result.exit_code != expect):
            raise failure_of(result, timeout)
        return result

    def put(self, node: str, directory: str, archives: Iterable[Path]) -> None:
        """Unpack archives (tar) in a directory of a node, which is made if it is not there.

        Each is in memory for a moment: hand many files over in several.

        :raises CommandFailed: one can't be unpacked.
        """
        words = ["bash", "-c", 'mkdir -p "$0" && tar -xC "$0" --no-same-owner', directory]
        for archive in archives:
            self.run(node, words, stdin=archive.read_bytes(), expect=0)

    def stop(self) -> None:
        """Interrupt what runs, and the wait of a check."""
        self.stops += 1
        if execution := self._execution:
            execution.stop()
        self.backend.stop()

    def shell(self, node: str) -> list[str]:
        """The words of a command that opens an interactive shell on the node."""
        self.topology.node(node)
        return self.backend.shell(node)

    # -- steps -------------------------------------------------------------------------------

    def do(
        self,
        step: Step,
        command: str | None = None,
        on_output: OnOutput | None = None,
        on_check: Callable[[Outcome], None] | None = None,
        on_samples: OnSamples | None = None,
        judged: bool = True,
    ) -> Outcome:
        """Run a step and its check; start the lab if it does not run.

        :param command: what to run in place of the step's own command.
        :param on_check: called between the command's end and the check, with what is known by then.
        :param on_samples: called with what the step's watch has seen so far.
        :param judged: whether the check is asked, and how the step ended is noted.
        :returns: the outcome: passed, failed or not run.
        :raises LabError: another step is running.
        """
        with self._alone():
            if why := step.why_not():
                outcome = Outcome(step, command or step.run, None, "", 0.0, not_run=why)
            else:
                self.up()
                text = step.run if command is None else command
                heard = Heard(on_output, on_check, on_samples)
                judge = self._judge if judged else self._unless_stopped
                self._execution = Execution(self, step, text, judge, heard)
                outcome = self._execution.outcome()
            if judged:
                self.record(outcome)
            return outcome

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One step at a time.

        :raises LabError: another one is running.
        """
        if not self._doing.acquire(blocking=False):
            raise LabError("another step of this lab is running: wait for its end, or stop it")
        self._stops_before = self.stops
        try:
            yield
        finally:
            self._execution = None
            self._doing.release()

    def _unless_stopped(self, outcome: Outcome) -> Outcome:
        """What was stopped is not judged."""
        if self.stops == self._stops_before or outcome.exit_code is None:
            return outcome
        return outcome.failed(Stopped(f'the step "{outcome.step.title}"'))

    def _judge(self, outcome: Outcome) -> Outcome:
        """Add what the check says; a task is right when its check is, whatever the command said."""
        step, outcome = outcome.step, self._unless_stopped(outcome)
        stopped = isinstance(outcome.failure, Stopped)
        if outcome.exit_code is None or stopped or (outcome.failure and not step.is_task):
            return outcome
        self._outcomes[step] = outcome
        try:
            return outcome.succeeded(self.check(step))
        except LabError as error:
            unmet = error if isinstance(error, CheckFailed) else None
            told = replace(outcome, unmet=unmet) if outcome.failure else outcome.failed(error)
            return self._unless_stopped(told)

    def record(self, outcome: Outcome) -> None:
        """Note how a step ended; the running lab keeps whether it has passed."""
        self._outcomes[outcome.step] = outcome
        if outcome.passed:
            self._passed.add(outcome.step.name)
        else:
            self._passed.discard(outcome.step.name)
        if outcome.exit_code is not None:
            self._note()

    def check(self, step: Step) -> str:
        """Check a step against the lab as it is now.

        :returns: what the check saw.
        :raises CheckFailed: it is not done.
        :raises AuthorError: the check says neither.
        """
        self._looking_at, self._looked_at_output = step, False
        try:
            return evidence_of(step.check, self)
        except AuthorError as error:
            what = f'{error.what} of the step "{step.title}"'
            raise AuthorError(what, error.why) from error.__cause__
        finally:
            self._looking_at = None

    def judge(self, step: Step) -> str:
        """Check a step against the lab as it is, and note that it has passed if it has; a check
        that fails takes nothing away.

        :returns: what the check saw.
        :raises CheckFailed: it is not done, or the check looks at the output of what has not run.
        :raises CommandFailed: the check looks at what it printed, and it failed.
        """
        with self._alone():
            try:
                seen = self.check(step)
            except LabError as error:
                if self.stops != self._stops_before:
                    raise Stopped(f'the check of "{step.title}"') from error
                self._require_output(step)
                raise
            if self._looked_at_output and not step.is_task:
                self._require_output(step)
            self._passed.add(step.name)
            self._note()
            return seen

    def _require_output(self, step: Step) -> None:
        """Where the check looks at what the step prints: that it ran, and ended as it must.

        :raises LabError: it did not.
        """
        outcome = self._outcomes.get(step)
        if self._looked_at_output and outcome is None:
            expected = f"{step.on}: expected to see what the step prints"
            raise CheckFailed(expected, "but it has not run here yet", "Press Run.")
        if outcome and self._looked_at_output and isinstance(outcome.failure, CommandFailed):
            raise outcome.failure

    def undo(self, step: Step) -> None:
        """Take back what a step did.

        :raises LabError: it only looks, or its undo fails.
        """
        if not step.undo:
            raise LabError(f'step "{step.title}" only looks: there is nothing to undo')
        self.run(step.on, step.undo, expect=0)
        self._outcomes.pop(step, None)
        self._passed.discard(step.name)
        self._note()

    def goto(self, step: Step, on_step: OnStep | None = None) -> Self:
        """Bring the lab to what it is before that step: afresh, then every step up to it.

        :raises LabError: a step on the way does not pass.
        """
        before = self.steps[: self.steps.index(step)]
        self.reset()
        self.replay(self._cut_short(before), f'could not get to "{step.title}"', on_step)
        return self

    def _cut_short(self, steps: Sequence[Step]) -> Sequence[Step]:
        """Take the shortcut that leads furthest; the steps that are left."""
        for place in range(len(steps), 0, -1):
            if by := self.shortcuts.get(steps[place - 1]):
                by(self)
                self._passed |= {step.name for step in steps[:place]}
                self._note()
                return steps[place:]
        return steps

    def replay(self, steps: Sequence[Step], failing: str, on_step: OnStep | None = None) -> None:
        """Do several steps in their order.

        :param failing: what it means if one does not pass, a clause.
        :raises LabError: one does not pass.
        """
        for place, step in enumerate(steps):
            if on_step:
                on_step(step, place, len(steps))
            outcome = self.do(step)
            if outcome.failure:
                raise LabError(
                    f'{failing}: step "{step.title}" did not pass. {outcome.failure}'
                ) from outcome.failure

    def packets(self) -> "list[Packet]":
        """In a check: what the step's capture has so far; none without one, or before it ran."""
        if self._execution and self._execution.recorder:
            from labkernel.packets import read

            return read(self._execution.recorder.so_far())
        outcome = self.outcome()
        return outcome.recording.packets if outcome and outcome.recording else []

    def outcome(self, step: Step | None = None) -> Outcome | None:
        """How a step ended last (in a check, without an argument: the step that is checked)."""
        self._looked_at_output |= step is None
        step = step or self._looking_at
        return self._outcomes.get(step) if step else None

    def has_passed(self, step: Step) -> bool:
        """Whether the step has passed in the running lab, also before a restart of the kernel."""
        return step.name in self._passed

    def missing_before(self, step: Step) -> list[Step]:
        """The steps before this one that have not passed in the running lab, and could have."""
        earlier = self.steps[: self.steps.index(step)]
        return [each for each in earlier if not self.has_passed(each) and _could_run(each)]


def _could_run(step: Step) -> bool:
    try:
        return not step.why_not()
    except AuthorError:  # the step's own verdict tells it
        return True


def _texts(hint: str | Iterable[str]) -> tuple[str, ...]:
    return (hint,) if isinstance(hint, str) else tuple(hint)
