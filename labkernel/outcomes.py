"""How steps ended, as data: to JSON and back.  docs/outcome.schema.json describes it."""

from dataclasses import dataclass, fields
from typing import Any

from labkernel.errors import CheckFailed, LabError
from labkernel.steps import Outcome, Status, Step

VERSION = 1
#: of an output's metadata in a notebook: as a MIME type of the output, what differs from run to run
#: would stand in committed notebooks, and be compared there
KEY = "labkernel"


@dataclass(frozen=True)
class OutcomeData:
    """How an attempt at a step ended.

    :param command: what ran.
    :param exit_code: what it ended with; ``None`` if it never started.
    :param output: what it printed, standard output and error together.
    :param truncated: characters that were dropped from the middle of the output.
    :param seconds: how long the command took.
    :param verdict: one line that says how it ended and why.
    :param skip_reason: why it was not run, a sentence; empty if it was.
    :param expected: of a check that failed, what must be true; ``seen`` is what is true instead,
        and ``hint`` what to try.
    """

    lab: str
    step: str
    title: str
    status: Status
    command: str = ""
    exit_code: int | None = None
    output: str = ""
    truncated: int = 0
    seconds: float = 0.0
    verdict: str = ""
    skip_reason: str = ""
    expected: str = ""
    seen: str = ""
    hint: str = ""

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeData":
        """How an attempt ended."""
        step, failure = outcome.step, outcome.unmet or outcome.failure
        told = failure if isinstance(failure, CheckFailed) else None
        return cls(
            lab=step.lab.name if step.lab else "",
            step=step.name,
            title=step.title,
            status=outcome.status,
            command=outcome.command,
            exit_code=outcome.exit_code,
            output=outcome.output,
            truncated=outcome.truncated,
            seconds=round(outcome.seconds, 3),
            verdict=outcome.verdict(),
            skip_reason=outcome.skip_reason,
            expected=str(told.expected) if told else "",
            seen=told.seen if told else "",
            hint=told.hint if told else "",
        )

    @classmethod
    def of_check(cls, step: Step, said: str | BaseException) -> "OutcomeData":
        """How a Check of a step ended, without a command: what was seen, or why it is not done."""
        if isinstance(said, BaseException):
            failure = said if isinstance(said, LabError) else LabError(str(said))
            outcome = Outcome(step, "", None, "", 0.0, failure=failure)
        else:
            outcome = Outcome(step, "", None, "", 0.0, evidence=said)
        return cls.of(outcome)

    def as_json(self) -> dict[str, Any]:
        """The fields as a dict, and the version of this form."""
        told = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"version": VERSION} | told | {"status": self.status.value}

    @classmethod
    def from_json(cls, told: object) -> "OutcomeData | None":
        """What :meth:`as_json` gave; ``None`` for anything else, and what a later version wrote."""
        if not isinstance(told, dict) or told.get("version") != VERSION:
            return None
        known = {field.name for field in fields(cls)}
        try:
            given = {name: value for name, value in told.items() if name in known}
            return cls(**given | {"status": Status(told["status"])})
        except (TypeError, ValueError, KeyError):
            return None


def _plain(value: Any) -> Any:
    """Octets of a command that are no text have no place in JSON."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def brief(outcome: Outcome) -> dict[str, Any]:
    """For an output's metadata: the same without what stands in the output itself."""
    told = OutcomeData.of(outcome).as_json()
    return {name: told[name] for name in told if name not in ("command", "output")}
