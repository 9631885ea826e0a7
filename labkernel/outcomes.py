"""Outcomes of steps as JSON: written and read.  docs/outcome.schema.json describes the format."""

from dataclasses import dataclass, fields
from typing import Any

from labkernel.errors import CheckFailed, LabError
from labkernel.steps import Outcome, Status, Step

VERSION = 1
#: the key in the metadata of a notebook's output: as a MIME type of the output, data that differ
#: from run to run would be committed and compared
KEY = "labkernel"


@dataclass(frozen=True)
class OutcomeData:
    """The outcome of an attempt at a step, as plain data.

    :param command: the command that ran.
    :param node: the node on which it ran.
    :param exit_code: of the command; ``None`` if it never started.
    :param output: of the command, standard output and error together.
    :param truncated: characters that were dropped from the middle of the output.
    :param seconds: the duration of the command.
    :param verdict: one line that says how it ended and why.
    :param skip_reason: why it was not run, a sentence; empty if it was.
    :param expected: if a check failed, what must be true; ``seen`` is what is true instead, and
        ``hint`` what to try.
    """

    lab: str
    step: str
    title: str
    status: Status
    command: str = ""
    node: str = ""
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
        """The data of an outcome."""
        step, failure = outcome.step, outcome.unmet or outcome.failure
        check = failure if isinstance(failure, CheckFailed) else None
        return cls(
            lab=step.lab.name if step.lab else "",
            step=step.name,
            title=step.title,
            status=outcome.status,
            command=outcome.command,
            node=outcome.node,
            exit_code=outcome.exit_code,
            output=outcome.output,
            truncated=outcome.truncated,
            seconds=round(outcome.seconds, 3),
            verdict=outcome.verdict(),
            skip_reason=outcome.skip_reason,
            expected=str(check.expected) if check else "",
            seen=check.seen if check else "",
            hint=check.hint if check else "",
        )

    @classmethod
    def of_check(cls, step: Step, result: str | BaseException) -> "OutcomeData":
        """The data of a check without a command: `result` is what it saw or raised."""
        if isinstance(result, BaseException):
            failure = result if isinstance(result, LabError) else LabError(str(result))
            outcome = Outcome(step, "", None, "", 0.0, failure=failure)
        else:
            outcome = Outcome(step, "", None, "", 0.0, evidence=result)
        return cls.of(outcome)

    def as_json(self) -> dict[str, Any]:
        """The fields as a dict, and the version of the format."""
        data = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"version": VERSION} | data | {"status": self.status.value}

    @classmethod
    def from_json(cls, data: object) -> "OutcomeData | None":
        """Read what :meth:`as_json` made; ``None`` for anything else, and for later versions."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        known = {field.name for field in fields(cls)}
        try:
            given = {name: value for name, value in data.items() if name in known}
            found = cls(**given | {"status": Status(data["status"])})
        except (TypeError, ValueError, KeyError):
            return None
        return found if all(isinstance(getattr(found, name), str) for name in _TEXTS) else None


_TEXTS = [field.name for field in fields(OutcomeData) if field.type in (str, "str")]


def _plain(value: Any) -> Any:
    """Replace bytes that are not UTF-8 text: JSON can't hold them."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def brief(outcome: Outcome) -> dict[str, Any]:
    """The data for an output's metadata: without what the output shows."""
    data = OutcomeData.of(outcome).as_json()
    return {name: data[name] for name in data if name not in ("command", "node", "output")}
