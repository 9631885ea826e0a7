"""Results for CI servers: JUnit's XML, a suite for each lab and a case for each step."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from labkernel import files
from labkernel.cli.results import LabRun, StepRun


def write(runs: Iterable[LabRun], file: Path) -> None:
    """Write how the labs ended.

    :raises LabError: the file can't be written.
    """
    root = ET.Element("testsuites", name="labkernel")
    for run in runs:
        _add_suite(root, run)
    ET.indent(root)
    files.write(file, ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_suite(root: ET.Element, run: LabRun) -> None:
    suite = ET.SubElement(root, "testsuite", name=run.name, time=f"{run.seconds:.3f}")
    for step in run.steps:
        _add_step(suite, run, step)
    if run.why and not run.step:
        kind = "failure" if run.result == "failed" else "skipped" if run.excused else "error"
        case = _add_case(suite, run.name, "notebook", run.seconds)
        ET.SubElement(case, kind, message=_printable(run.why))
    for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))


def _add_step(suite: ET.Element, run: LabRun, step: StepRun) -> None:
    case = _add_case(suite, run.name, step.name, step.seconds)
    if run.step == step.name:
        ET.SubElement(case, "failure", message=_printable(run.why))
    elif step.passed is None:
        ET.SubElement(case, "skipped", message=_printable(step.skip_reason or "not reached"))


def _add_case(suite: ET.Element, lab: str, name: str, seconds: float | None) -> ET.Element:
    time = f"{seconds or 0:.3f}"
    return ET.SubElement(suite, "testcase", classname=f"labkernel.{lab}", name=name, time=time)


def _printable(text: str) -> str:
    """The text without the control characters that XML 1.0 can't hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)
