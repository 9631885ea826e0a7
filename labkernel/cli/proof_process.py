"""Proves one lab, in a process of its own: what a check does to that ends no other proof.

``python -m labkernel.cli.proof_process JOB``: JOB is a JSON object with the fields of :class:`Job`.
A line of JSON for each case goes to standard output, and nothing else; the last one says that it
came to its end.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import IO, Any

from labkernel import labs, settings
from labkernel.cli import processes
from labkernel.errors import BackendUnavailable, LabError
from labkernel.lab import Lab
from labkernel.proving import (
    AnyCase,
    Case,
    Proof,
    cases_of,
    drill_cases_of,
    notebook_cases_of,
    prove,
)
from labkernel.running import RunningLab


@dataclass(frozen=True)
class Job:
    """The steps that a process proves.

    :param lab: its name.
    :param step: a step's name or number; empty: all of them, drills and notebooks.
    :param parent: the process id of who waits for it.
    """

    lab: str
    step: str
    backend: str
    long: bool
    parent: int

    def words(self) -> list[str]:
        """The command that does it."""
        return [sys.executable, "-P", "-m", __name__, json.dumps(asdict(self))]


def main(job: Job) -> None:
    """Prove it, and tell."""
    processes.end_with(job.parent)
    with os.fdopen(os.dup(1), "w") as report:
        os.dup2(2, 1)  # what a check prints is no result
        try:
            _prove(job, report)
        except BackendUnavailable as error:
            _tell(report, {"unable": str(error)})
        except LabError as error:
            _tell(report, {"failed": str(error)})
        _tell(report, {"end": True})


def _prove(job: Job, report: IO[str]) -> None:
    lab = labs.load(job.lab)
    cases = _cases(lab, job.step)
    try:
        running = _running(lab, job.backend)
    except LabError as error:  # it needs what the backend does not have
        _tell(report, {"unable": str(error)})
        return
    running.backend.build_missing_images(
        running.topology, lambda what, part: _tell(report, {"doing": what, "part": part})
    )

    def begin(case: AnyCase) -> None:
        _tell(report, {"doing": case.name, "part": cases.index(case) / len(cases)})

    try:
        for proof in prove(running, cases, long=job.long, before=begin):
            _tell(report, {"proof": _as_json(proof)})
    finally:
        running.down()


def _cases(lab: Lab, step: str) -> list[AnyCase]:
    if step:
        only = lab.find(step)
        return [case for case in cases_of(lab) if case.step is only]
    return [*cases_of(lab), *drill_cases_of(lab), *notebook_cases_of(lab)]


def _running(lab: Lab, backend: str) -> RunningLab:
    return RunningLab(
        lab,
        backend,
        instance=f"prove-{lab.name}-{os.getpid()}",
        vms=settings.vms(),
        images=settings.image_overrides(),
        options={"linger": 0},
    )


def _as_json(proof: Proof) -> dict[str, Any]:
    return {
        "step": proof.case.step.name if isinstance(proof.case, Case) else "",
        "kind": proof.case.kind,
        "case": proof.case.name,
        "proved": proof.proved,
        "why": proof.why,
        "skip_reason": proof.skip_reason,
        "unreached": proof.unreached,
        "seconds": round(proof.seconds, 3),
    }


def _tell(report: IO[str], message: dict[str, Any]) -> None:
    report.write(json.dumps(message) + "\n")
    report.flush()


if __name__ == "__main__":
    main(Job(**json.loads(sys.argv[1])))
