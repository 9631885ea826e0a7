"""Labs and notebooks are found by name."""

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from labkernel import labs
from labkernel.errors import LabError


def test_every_lab_has_its_name_and_notebook() -> None:
    """A lab is called like its module, and has a notebook of the same name."""
    assert {"start", "anyip"} <= set(labs.names())
    for name in labs.names():
        assert labs.load(name).name == name
        assert labs.notebook(name).stem.partition("-")[2] == name


def test_labs_come_in_the_order_of_their_notebooks() -> None:
    """The course's order is that of the notebooks' numbers."""
    numbers = [labs.notebook(name).name for name in labs.names()]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("anyipp", 'there is no lab "anyipp"; did you mean "anyip"? labs: '),
        ("quantum", 'there is no lab "quantum"; labs: start, '),
        ("../cli", 'there is no lab "../cli"; '),
        ("", 'there is no lab ""; '),
    ],
)
def test_unknown_lab(name: str, sentence: str) -> None:
    """A lab that does not exist is refused with the nearest that does, and the list."""
    for find in (labs.load, labs.notebook):
        with pytest.raises(LabError) as refused:
            find(name)
        assert str(refused.value).startswith(sentence)


def test_notebooks_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LABKERNEL_NOTEBOOKS says where the notebooks are; a lab without one says how to find it."""
    monkeypatch.setenv("LABKERNEL_NOTEBOOKS", str(tmp_path))
    with pytest.raises(LabError, match=r"no notebook NN-anyip\.ipynb in .* LABKERNEL_NOTEBOOKS"):
        labs.notebook("anyip")
    (tmp_path / "07-anyip.ipynb").touch()
    assert labs.notebook("anyip") == tmp_path / "07-anyip.ipynb"


def test_several_notebooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What stands behind a dot in a notebook's name is a part of its lab; they come in order."""
    monkeypatch.setenv("LABKERNEL_NOTEBOOKS", str(tmp_path))
    for name in ("08-anyip.ndp", "07-anyip", "06-anyip2"):
        (tmp_path / f"{name}.ipynb").touch()
    assert [path.stem for path in labs.notebooks("anyip")] == ["07-anyip", "08-anyip.ndp"]
    assert labs.notebook("anyip").stem == "07-anyip"


def test_labs_of_another_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package registers labs by entry points; the notebook is beside the module. One that can't
    be imported is told by its name, and the others are there."""
    package, told = tmp_path / "theirs", tmp_path / "theirs-1.dist-info"
    package.mkdir()
    told.mkdir()
    (package / "__init__.py").touch()
    (package / "subnet.py").write_text(
        "from labkernel import Lab, Node\n"
        "def make(variables):\n"
        "    return Lab('subnet', [Node(variables.get('node', 'one'))])\n"
        "lab = make({})\n"
    )
    (package / "03-subnet.ipynb").touch()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (told / "entry_points.txt").write_text(
        "[labkernel.labs]\nsubnet = theirs.subnet\nbroken = theirs.nothing\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code = (
        "from labkernel import labs\n"
        "from labkernel.labs import subnet\n"
        "print(subnet.lab.topology.nodes[0].name)\n"
        "print(labs.load('subnet', {'node': 'two'}).topology.nodes[0].name)\n"
        "print(labs.notebook('subnet').name, 'broken' in labs.names(), 'anyip' in labs.names())\n"
        "for name, variables in (('broken', {}), ('anyip', {'a': 'b'})):\n"
        "    try: labs.load(name, variables)\n"
        "    except labs.BrokenLab as error: print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    one, two, found, broken, fixed = ended.stdout.splitlines()
    assert (one, two, found) == ("one", "two", "03-subnet.ipynb True True")
    assert broken.startswith("the module theirs.nothing can't be used as a lab: ModuleN")
    assert fixed.endswith("it has no function make(variables): nothing in it can differ")


def test_labs_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LABKERNEL_LABS names a directory of more labs; "my-own" is the module my_own."""
    (tmp_path / "my_own.py").write_text(
        "from labkernel import Lab, Node\nlab = Lab('my-own', [Node('one')])\n"
    )
    (tmp_path / "_part.py").touch()
    monkeypatch.setenv("LABKERNEL_LABS", str(tmp_path))
    code = "from labkernel import labs; print(labs.load('my-own').name, *labs.names())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, *names = ended.stdout.split()
    assert loaded == "my-own"
    assert "my-own" in names
    assert not [name for name in names if "part" in name]


def test_what_is_wrong_with_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LABKERNEL_LABS is a list as PATH is; what is not there, what another lab hides, and a name
    that no command would find are told, each by its file; the other labs are there."""
    one, two = tmp_path / "one", tmp_path / "two"
    for place, name, declared in ((one, "anyip", "anyip"), (two, "mine", "mine"), (two, "b", "a")):
        place.mkdir(exist_ok=True)
        (place / f"{name}.py").write_text(
            f"from labkernel import Lab, Node\nlab = Lab('{declared}', [Node('one')])\n"
        )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LABKERNEL_LABS", f"~/one:{two}:/nowhere")
    code = (
        "from labkernel import labs\n"
        "print(*labs.problems(), labs.load('mine').name, sep='\\n')\n"
        "try: labs.load('b')\n"
        "except labs.BrokenLab as error: print(error)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    hidden, missing, loaded, misnamed = ended.stdout.splitlines()
    assert hidden == f'{one}/anyip.py is not used: there is another lab "anyip"'
    assert missing == "LABKERNEL_LABS: there is no directory /nowhere"
    assert loaded == "mine"
    assert misnamed.startswith(f'{two}/b.py declares a lab "a": no command would find it. Try: ')


def test_names_that_are_taken() -> None:
    """None of the modules that come with labkernel is called as something of the package is."""
    shipped = {module.name for module in pkgutil.iter_modules(labs.__path__)}
    assert shipped & labs._TAKEN == set()
    assert {"cells", "names", "load", "notebook"} <= labs._TAKEN


def test_no_step_is_called_as_a_module_of_its_lab() -> None:
    """The import of such a module would take the step's place in the package."""
    for name in labs.names():
        package = import_module(labs.module_of(name))
        modules = {module.name for module in pkgutil.iter_modules(getattr(package, "__path__", []))}
        assert modules & set(getattr(package, "__all__", ())) == set(), name
