"""What a presentation has from Python and from the notebook's file: its QR code, and notes."""

import base64
import re
import subprocess
from pathlib import Path

import nbformat
import segno

from labkernel.notebook import qr

TOP = Path(__file__).parents[2]
ADDRESS = "https://hub.example.org/hub/user-redirect/lab/tree/course/00-start.ipynb"


def test_the_code_is_a_picture_with_its_quiet_zone() -> None:
    """It is a PNG as wide as its modules, four more on each side, of eight pixels each."""
    kind, data = qr.picture(ADDRESS).split(",")
    assert kind == "data:image/png;base64"
    png = base64.b64decode(data)
    modules, _ = segno.make_qr(ADDRESS, error="m").symbol_size(border=4)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 8 * modules
    assert qr.picture(ADDRESS) != qr.picture(ADDRESS + "?")


def test_notes_survive_what_keeps_notebooks_clean(tmp_path: Path) -> None:
    """The options of nbstripout in the Makefile leave a presenter's notes in the file."""
    cell = nbformat.v4.new_code_cell(metadata={"labkernel": {"notes": "Ask the class first."}})
    path = tmp_path / "noted.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}}), path)
    makefile = (TOP / "Makefile").read_text().replace("\\\n", "")
    strip = re.search(r"^STRIP := (.*)$", makefile, re.MULTILINE)
    assert strip
    subprocess.run(f"{strip[1]} {path}", shell=True, check=True)
    kept = nbformat.read(path, 4)
    assert "papermill" not in kept.metadata
    assert kept.cells[0].metadata["labkernel"]["notes"] == "Ask the class first."
