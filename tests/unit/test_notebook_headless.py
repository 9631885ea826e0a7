"""Headless notebooks: a step runs when it is shown, puts out one bundle, and fails when it does."""

import subprocess
import sys
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from labkernel import CheckFailed, Lab, LabError, Link, Node, backends
from labkernel.checks import printed
from labkernel.needs import Need
from labkernel.notebook import begin, magic, saved, show, static, views
from labkernel.notebook.current import Notebook, notebook
from labkernel.testing import FakeBackend

MADE: list["Recorder"] = []


RECORDED = Need("recorded", "a backend that remembers")


class Recorder(FakeBackend):
    """A backend that remembers the options it was made with."""

    offers = FakeBackend.offers | {RECORDED}

    def __init__(self, **options: Any) -> None:
        super().__init__({"say": "hello from 2001:db8::1\n", "loud": (2, "no\n")})
        self.options = options
        MADE.append(self)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab on the recording backend, in a headless notebook."""
    monkeypatch.setitem(backends.REGISTRY, "recorder", f"{__name__}:Recorder")
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    for name, value in vars(Notebook()).items():  # as a new one
        monkeypatch.setattr(notebook, name, value)
    monkeypatch.setenv("LABKERNEL_AUTO", "1")
    MADE.clear()
    lab = Lab(
        "pair",
        [Node("alpha"), Node("bravo")],
        [Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")],
        needs=[RECORDED],
    )
    lab.step("say-it", "Say <it>", on="alpha", run="say", check=printed("hello"), wrong="true")
    lab.step(
        "fail", "Fail", on="alpha", run="say", check=printed("bye", hint="Shout."), wrong="true"
    )
    return lab


def shown(thing: Lab | Any, folded: bool = False) -> list[dict[str, Any]]:
    """The bundles that show puts out."""
    InteractiveShell.instance()
    with capture_output() as captured:
        show(thing, folded)
    return [output.data for output in captured.outputs]


def test_step_puts_out_its_transcript_and_its_card(lab: Lab) -> None:
    """One bundle: the stable text, and the card as it ended, with nothing unescaped."""
    (bundle,) = shown(lab.steps[0])
    assert set(bundle) == {"text/plain", "text/html", saved.CARD}
    assert bundle[saved.CARD] == {"version": 1, "key": "pair/say-it", "recorded": True}
    assert bundle["text/plain"] == (
        "Say <it>\nalpha$ say\nhello from 2001:db8::1\nPassed: it printed 'hello': hello."
    ).replace("'hello': ", "")
    assert "Say &lt;it&gt;" in bundle["text/html"]
    assert "<it>" not in bundle["text/html"]


def test_failing_step_raises_after_its_output(lab: Lab) -> None:
    """A step that fails shows how it ended, then fails its cell, without our stack frames."""
    InteractiveShell.instance()
    with capture_output() as captured, pytest.raises(CheckFailed) as caught:
        show(lab.steps[1])
    assert "Not yet" in captured.outputs[0].data["text/html"]
    rendered = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert len(rendered) == 1
    assert rendered[0].startswith("CheckFailed: expected 'bye'")


def test_step_that_is_not_run_raises_nothing(lab: Lab) -> None:
    """A step that can't be run says why, in transcript and card, and the notebook goes on."""
    step = lab.step(
        "unlock-it",
        "Unlock it", on="alpha", run="unlock", check=printed("x"), wrong="x",
        requires=lambda: "it needs a key, and there is none.",
    )  # fmt: skip
    (bundle,) = shown(step)
    last = bundle["text/plain"].splitlines()[-1]
    assert last == "Not run: it needs a key, and there is none."
    assert "lk-is-not-run" in bundle["text/html"]
    assert "– Not run" in bundle["text/html"]
    assert "lk-card lk-has-passed" not in bundle["text/html"]


def test_lab_of_a_headless_run_is_its_own(lab: Lab) -> None:
    """The lab of a headless run meets no other, and does not outlive the run."""
    shown(lab)
    assert MADE[0].options == {"instance": notebook.instance, "linger": 0}
    assert MADE[0].is_up()
    shown(lab.steps[0])
    assert len(MADE) == 1


def test_parameter_chooses_the_backend(lab: Lab) -> None:
    """A backend that the notebook's parameter names must be one the lab can run on."""
    begin(backend="nonsense")
    with pytest.raises(LabError, match='no backend "nonsense"'):
        show(lab)


def test_run_steps_is_headless_without_the_environment(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parameter alone makes a notebook run headless."""
    monkeypatch.delenv("LABKERNEL_AUTO")
    assert not notebook.headless
    begin(run_steps=True)
    assert notebook.headless


def test_lab_puts_out_its_picture(lab: Lab) -> None:
    """A lab shows its nodes in text, and its picture as an image with a description."""
    (bundle,) = shown(lab)
    assert "alpha  host  eth0  on lan  2001:db8::1/64" in bundle["text/plain"]
    assert 'src="data:image/svg+xml;base64,' in bundle["text/html"]
    assert 'alt="alpha is a host' in bundle["text/html"]


def test_node_magic_puts_out_a_transcript(lab: Lab) -> None:
    """A free command's output is a transcript, with the exit code where it is not 0."""
    shown(lab)
    with capture_output() as captured:
        magic.node("alpha", "loud\n")
    assert captured.outputs[0].data == {"text/plain": "alpha$ loud\nno\n[exit code 2]"}


def test_node_magic_streams_for_people(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of a person, output is printed as it comes."""
    shown(lab)
    monkeypatch.delenv("LABKERNEL_AUTO")
    with capture_output() as captured:
        magic.node("alpha", "say\n")
    assert captured.stdout == "hello from 2001:db8::1\n"


def test_node_magic_does_not_start_a_lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of a person, a free command waits for the lab: Run All comes before its start."""
    shown(lab)
    monkeypatch.delenv("LABKERNEL_AUTO")
    notebook.current().running.down()
    with capture_output() as captured:
        magic.node("alpha", "say\n")
    (output,) = captured.outputs
    assert output.data["text/plain"].startswith("The lab does not run yet.")
    assert saved.NOT_RUN in output.data  # the page leaves what was recorded
    assert not notebook.current().running.is_up()


@pytest.mark.parametrize("line", ["", "alpha bravo", "--timeout x alpha", "--what alpha", '"'])
def test_node_magic_says_how_to_write_it(lab: Lab, line: str) -> None:
    """A wrong first line is answered with the right one."""
    with pytest.raises(LabError, match="write %%node NODE"):
        magic.node(line, "say")


def test_node_magic_knows_the_nodes(lab: Lab) -> None:
    """An unknown node is answered with those that there are."""
    shown(lab)
    with pytest.raises(LabError, match="nodes: alpha, bravo"):
        magic.node("charlie", "say")


def test_node_magic_needs_a_lab(lab: Lab) -> None:
    """Before any lab was shown, the magic says to show one."""
    with pytest.raises(LabError, match=r"run the cell with show\(lab\) first"):
        magic.node("alpha", "say")


def test_solution_is_folded_in_the_page(lab: Lab) -> None:
    """The saved card of a task has the solution, but does not show it unasked."""
    task = lab.task(
        "do-it",
        "Do it",
        on="alpha",
        solution="say",
        check=printed("hello"),
        wrong="true",
        hint="Say.",
    )
    html = shown(task)[0]["text/html"]
    before, fold, inside = html.partition('<details class="lk-transcript"><summary>')
    assert fold
    assert "lk-input" not in before.partition("</style>")[2]
    assert inside.startswith("The solution, and what came of it</summary><pre")
    assert "Passed" in inside.partition("</details>")[0]


def test_transcript_of_a_step_is_open_unless_it_answers_a_question(lab: Lab) -> None:
    """The command is seen; what came of it is open, or folded, and open where it failed."""
    step = lab.steps[0]
    assert '<details class="lk-transcript" open>' in shown(step)[0]["text/html"]
    html = shown(step, folded=True)[0]["text/html"]
    before, fold, inside = html.partition('<details class="lk-transcript"><summary>')
    assert fold
    assert "lk-input" in before.partition("</style>")[2]
    assert "Passed" in inside
    with capture_output() as captured, pytest.raises(CheckFailed):
        show(lab.steps[1], folded=True)
    assert "lk-transcript" not in captured.outputs[0].data["text/html"]
    assert saved.CARD not in captured.outputs[0].data


def test_static_card_without_a_run_has_no_solution(lab: Lab) -> None:
    """The fallback of a live card does not tell a task's solution."""
    task = lab.task(
        "do-it",
        "Do it",
        on="alpha",
        solution="say it",
        check=printed("x"),
        wrong="true",
        hint="Say.",
    )
    assert "say it" not in static.step_card(task, lab)


def test_headless_imports_no_widgets() -> None:
    """Headless notebooks don't pay for widgets, pandas or plots."""
    code = (
        "import sys, labkernel.notebook, labkernel.notebook.headless, labkernel.notebook.magic\n"
        "slow = {'anywidget', 'ipywidgets', 'pandas', 'matplotlib', 'numpy'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_tables_and_figures_become_html() -> None:
    """A DataFrame becomes a table, a figure a picture with its title as alternative text."""
    import pandas as pd
    from matplotlib.figure import Figure

    assert "<table" in views.html(pd.DataFrame({"a": [1]}))
    figure = Figure()
    figure.subplots().set_title("Rate & time")
    html = views.html(figure)
    assert html.startswith('<img src="data:image/png;base64,')
    assert 'alt="Rate &amp; time"' in html
