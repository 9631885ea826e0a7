"""The labs by name: a module each, and a notebook of the same name.

The lab ``prefix-delegation`` is the attribute `lab` of :mod:`labkernel.labs.prefix_delegation`, and
its notebook is ``notebooks/NN-prefix-delegation.ipynb``.  Of a lab with several notebooks each has
a name of its own behind a dot: ``NN-prefix-delegation.renumbering.ipynb``.  A module may have a
function ``make(variables)``, which gives a lab that differs by them: ``lab = make({})``.

LABKERNEL_LABS names further directories of both, as PATH does, for labs of your own, and
LABKERNEL_NOTEBOOKS another place of ``notebooks``.  Other packages register theirs by entry points
of the group ``labkernel.labs`` (the lab's name, and its module); the notebook is beside the module.
"""

import json
import os
import pkgutil
import traceback
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkernel import files, importing, plugins, resources
from labkernel.errors import ImageError, LabError, shown

if TYPE_CHECKING:
    from labkernel.lab import Lab

#: the notebook that is the course's index
START = "start"
#: characters of what somebody's error says
_LONGEST_TEXT = 500
#: bytes that a notebook may have; with all its outputs a long one has some millions
_LONGEST = 1 << 28


class BrokenLab(LabError):
    """The file of a lab, or its notebook, can't be used; says which and why."""


class NoNotebook(LabError):
    """A lab has no notebook."""


#: names directories of further labs
VARIABLE = "LABKERNEL_LABS"
#: names the directory of the course's notebooks
NOTEBOOKS = "LABKERNEL_NOTEBOOKS"

__path__.extend(map(str, resources.listed(VARIABLE)))


def names() -> list[str]:
    """The names of all labs, in the order of their notebooks."""
    directory = {lab_of(path): path.stem for path in reversed(_notebooks())}
    labs = {*_here(), *plugins.registered(plugins.LABS)}
    return sorted(labs, key=lambda name: (directory.get(name, "~"), name))


def __getattr__(name: str) -> Any:
    """The lab that another package has registered, as a module of this package: notebooks import
    all labs alike."""
    lab = name.replace("_", "-")
    if name.startswith("_") or lab not in plugins.registered(plugins.LABS):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(plugins.registered(plugins.LABS)[lab])


def own() -> list[str]:
    """The names of those that no other package has registered."""
    return sorted(_here())


def _here() -> set[str]:
    """The names of labkernel's labs, and of labs in the user's own directories."""
    found = [module.name for module in pkgutil.iter_modules(__path__) if module.name.isprintable()]
    return {name.replace("_", "-") for name in found if not name.startswith("_")}


def lab_of(notebook: Path) -> str:
    """The name of the lab that a notebook is of, by the notebook's name."""
    return notebook.stem.partition("-")[2].partition(".")[0]


def problems() -> list[str]:
    """The problems of the user's own directories of labs, a sentence each."""
    taken: dict[str, Path] = {}
    return [
        problem for directory in map(Path, __path__) for problem in _problems_of(directory, taken)
    ]


def _problems_of(directory: Path, taken: dict[str, Path]) -> Iterator[str]:
    if not directory.is_dir():
        yield f"{VARIABLE}: there is no directory {shown(directory)}"
    for name in sorted(each.name for each in pkgutil.iter_modules([str(directory)])):
        if name.startswith("_"):
            if name in _TAKEN and str(directory) != __path__[0]:
                where = f"{shown(directory / name)}.py"
                yield f"{where} can't be used: {_SOMETHING_ELSE}. Try: another name"
        elif taken.setdefault(name, directory) != directory:
            yield f'{shown(directory / name)}.py is not used: there is another lab "{shown(name)}"'


def load(name: str, variables: Mapping[str, str] | None = None) -> "Lab":
    """The lab of that name.

    :param variables: what its module's function ``make`` is given; without any it is the module's
        ``lab``.
    :raises BrokenLab: its module can't be imported, contradicts itself, or has no `lab`.
    :raises LabError: there is none.
    """
    from labkernel.lab import Lab

    module = module_of(name)
    found = _declared(module, variables)
    if not isinstance(found, Lab):
        raise BrokenLab(
            f"{_file(module)} declares no lab",
            "give it a `lab = Lab(…)`, or, if it is only a help for labs, a name "
            "that begins with _",
        )
    if found.name != name:
        raise BrokenLab(
            f'{_file(module)} declares a lab "{shown(found.name)}": no command would find it',
            f'Lab("{name}", …), or call the file {shown(found.name.replace("-", "_"))}.py',
        )
    return found


def module_of(name: str) -> str:
    """The module that declares the lab of that name.

    :raises LabError: there is none.
    """
    if name in _here():
        return f"labkernel.labs.{name.replace('-', '_')}"
    if name in plugins.registered(plugins.LABS):
        return plugins.registered(plugins.LABS)[name]
    raise _unknown(name)


def _declared(module: str, variables: Mapping[str, str] | None) -> Any:
    """Load the attribute `lab` of a module, which may be the user's own: every error of its import
    becomes BrokenLab, also an end of the process."""
    unusable = f"{_file(module)} can't be used as a lab"
    if module.startswith(f"{__name__}.") and module.rpartition(".")[2] in _TAKEN:
        raise BrokenLab(f"{unusable}: {_SOMETHING_ELSE}", "another name")
    if _is_own(module) and (why := importing.trial(module)):
        raise BrokenLab(f"{unusable}: {why}")
    try:
        imported = import_module(module)
        if not variables:
            return getattr(imported, "lab", None)
        if not hasattr(imported, "make"):
            raise LabError("it has no function make(variables): nothing in it can differ")
        return imported.make(variables)
    except ImageError:
        raise  # it is asked for by --vm or LABKERNEL_IMAGE_OVERRIDE, which is no fault of the file
    except LabError as error:
        raise BrokenLab(f"{_file(module)}: {error.what}", error.remedy) from error
    except KeyboardInterrupt:
        raise  # somebody's Ctrl-C
    except BaseException as error:
        raise BrokenLab(f"{unusable}: {_message(error)}{_line_of(error, module)}") from error


def _message(error: BaseException) -> str:
    """Its kind and what it says, whatever its author has made of that."""
    try:
        said = str(error)
    except BaseException as another:
        said = f"its text can't be had ({type(another).__name__})"
    return shown(f"{type(error).__name__}: {said}"[:_LONGEST_TEXT])


def _line_of(error: BaseException, module: str) -> str:
    """The line of the lab's own files from which the error came; empty if there is none."""
    file = plugins.file_of(module)
    if file is None or isinstance(error, SyntaxError):  # which says it
        return ""
    whole = file.parent if file.name == "__init__.py" else file
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if Path(each.filename).is_relative_to(whole)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _is_own(module: str) -> bool:
    """Check if a module is not one of labkernel's."""
    file = plugins.file_of(module)
    return not (file and file.is_relative_to(__path__[0]))


def _file(module: str) -> str:
    """The file of a lab; for one that can't be found, the name by which it was registered."""
    return shown(plugins.file_of(module) or f"the module {module}")


def notebook(name: str) -> Path:
    """The notebook of that lab, or with :data:`START` of the index; the first, if it has several.

    :raises LabError: there is no such lab, or it has no notebook.
    """
    return notebooks(name)[0]


def notebooks(name: str) -> list[Path]:
    """The notebooks of that lab, in their order: most have one.

    :raises LabError: there is no such lab, or it has no notebook.
    """
    for directories in (_directories, plugins.notebook_directories):
        if found := [path for path in _notebooks_in(directories()) if lab_of(path) == name]:
            return found
    if name != START and name not in names():
        raise _unknown(name)
    raise NoNotebook(
        f"there is no notebook NN-{name}.ipynb in {' or '.join(map(str, _directories()))}",
        "put one there, or set LABKERNEL_NOTEBOOKS to the directory that has it",
    )


def cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook; each has a type, a source and metadata.

    :raises BrokenLab: it is damaged; says which, and how.
    """
    try:
        document = json.loads(files.read(notebook, _LONGEST).decode())
        found: list[dict[str, Any]] = document["cells"]
        if not (
            isinstance(document, dict) and isinstance(found, list) and all(map(_is_cell, found))
        ):
            raise ValueError("it has no list of cells")
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise BrokenLab(
            f"{shown(notebook)} is no notebook that can be run: {_why(error)}"
        ) from None
    return found


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source, tags = cell.get("source"), cell["metadata"].get("tags", [])
    texts = [cell.get("cell_type"), *(source if isinstance(source, list) else [source])]
    return isinstance(tags, list) and all(isinstance(text, str) for text in (*texts, *tags))


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, RecursionError):
        return "brackets in brackets, without an end"
    return "it has no list of cells" if isinstance(error, LookupError | TypeError) else str(error)


def _directories() -> list[Path]:
    given = os.environ.get(NOTEBOOKS, "")
    own = Path(given).expanduser() if given else resources.directory("notebooks")
    return [own, *map(Path, __path__[1:])]


def shipped_notebooks() -> list[Path]:
    """The notebooks of the course, without those of one's own labs."""
    return sorted(_directories()[0].glob("[0-9][0-9]-*.ipynb"))


def _notebooks() -> list[Path]:
    return _notebooks_in([*_directories(), *plugins.notebook_directories()])


def _notebooks_in(directories: list[Path]) -> list[Path]:
    """In their order: a lab's own before its parts."""
    found = [path for each in directories for path in each.glob("[0-9][0-9]-*.ipynb")]
    return sorted(found, key=lambda path: (path.stem.split("."), path))


def _unknown(name: str) -> LabError:
    from difflib import get_close_matches

    near = get_close_matches(name, names(), n=1, cutoff=0.5)
    meant = f'did you mean "{near[0]}"? ' if near else ""
    return LabError(
        f'there is no lab "{name}"; {meant}labs: {", ".join(names()) or "none"}',
        f"{VARIABLE}=DIRECTORY, if it is one of your own",
    )


#: what a lab's module would take the place of, or hide, as an attribute of this package
_TAKEN = frozenset(globals())
_SOMETHING_ELSE = "labkernel.labs has something else by that name"
