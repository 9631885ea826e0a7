"""Execute notebooks headless and keep their outputs.

``python -m labkernel.notebook.refresh FILE…``.  What is written is the same on every machine: no
times, no versions, no widget state.  A notebook that fails is left as it was.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from labkernel import outcomes
from labkernel.errors import first_line, shown
from labkernel.notebook.sockets import by_sockets_in, socket_directory
from labkernel.plain import plain
from labkernel.settings import AUTO

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def refresh(path: Path) -> None:
    """Execute a notebook in place.

    :raises CellExecutionError: a cell failed; the file is left as it was.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    environment = {**os.environ, AUTO: "1"}
    client = NotebookClient(
        notebook,
        timeout=600,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    with tempfile.TemporaryDirectory(prefix="lk-", dir=socket_directory()) as private:
        client.config.KernelManager.update(by_sockets_in(private))
        client.execute(env=environment)
    text = nbformat.writes(stable(notebook))  # type: ignore[no-untyped-call]
    _replace(path, text if text.endswith("\n") else text + "\n")


def stable(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what differs between machines."""
    notebook.metadata.clear()
    notebook.metadata.update(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).pop(outcomes.KEY, None)
    return notebook


def _replace(path: Path, text: str) -> None:
    """Write it all or nothing."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, suffix=".part") as file:
        file.write(text)
    written = Path(file.name)
    written.chmod(path.stat().st_mode)
    written.replace(path)


def main(arguments: list[str]) -> int:
    """Refresh the notebooks named; 1 when one fails, 2 when none is named."""
    if not arguments:
        print("Usage: python -m labkernel.notebook.refresh FILE…", file=sys.stderr)
        return 2
    failed = 0
    for name in arguments:
        try:
            refresh(Path(name))
        except CellExecutionError as error:
            print(f"{shown(name)}: {error.ename}: {plain(error.evalue)}", file=sys.stderr)
            failed = 1
        except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
            print(f"{shown(name)}: {first_line(str(error))}", file=sys.stderr)
            failed = 1
        else:
            print(f"{name}: refreshed")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
