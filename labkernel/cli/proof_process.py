"""Proves one lab, in a process of its own: what a check does to that ends no other proof.

``python -m labkernel.cli.proof_process JOB``: JOB is a JSON object with the fields of :class:`Job`.
A line of JSON for each case goes to the descriptor that it names; the last one says that it came to
its end.
"""

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import IO, Any

from labkernel import labs, linux, settings
from labkernel.errors import BackendUnavailable, LabError
from labkernel.proving import Case, Proof, cases_of, prove
from labkernel.running import RunningLab


@dataclass(frozen=True)
class Job:
    """What is to be proved.

    :param lab: its name.
    :param step: a step's name or number; empty: all of them.
    :param report: the descriptor of the pipe on which it is told.
    """

    lab: str
    step: str
    backend: str
    long: bool
    report: int

    def words(self) -> list[str]:
        """The command that does it."""
        return [sys.executable, "-P", "-m", __name__, json.dumps(asdict(self))]


def main(job: Job) -> None:
    """Prove it, and tell."""
    linux.die_with_parent(signal.SIGTERM)
    with os.fdopen(job.report, "w") as report:
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
    only = lab.find(job.step) if job.step else None
    cases = [case for case in cases_of(lab) if only in (None, case.step)]
    running = RunningLab(
        lab,
        job.backend,
        instance=f"prove-{lab.name}-{os.getpid()}",
        vms=settings.vms(),
        images=settings.image_overrides(),
        options={"linger": 0},
    )
    running.backend.build_missing_images(
        running.topology, lambda what, part: _tell(report, {"doing": what, "part": part})
    )

    def begin(case: Case) -> None:
        _tell(report, {"doing": case.name, "part": cases.index(case) / len(cases)})

    try:
        for proof in prove(running, cases, long=job.long, before=begin):
            _tell(report, {"proof": _as_json(proof)})
    finally:
        running.down()


def _as_json(proof: Proof) -> dict[str, Any]:
    return {
        "step": proof.case.step.name,
        "kind": proof.case.kind,
        "case": proof.case.name,
        "proved": proof.proved,
        "why": proof.why,
        "skip_reason": proof.skip_reason,
        "seconds": round(proof.seconds, 3),
    }


def _tell(report: IO[str], told: dict[str, Any]) -> None:
    report.write(json.dumps(told) + "\n")
    report.flush()


if __name__ == "__main__":
    main(Job(**json.loads(sys.argv[1])))
