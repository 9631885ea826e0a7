"""The HTML page of an executed notebook: one file, which reads the same without a network."""

from pathlib import Path
from typing import Any

from labkernel import files
from labkernel.errors import shown

# JupyterLab's look without what it would load from elsewhere: no lesson has formulas or modules.
_TEMPLATE = """{%- extends "lab/index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def write(executed: Path, page: Path) -> None:
    """Write the page, without the code that the notebook hides, too.

    :raises LabError: it can't be written.
    """
    import nbformat
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter

    notebook: Any = nbformat.read(executed, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if _is_hidden(cell.metadata):
            cell.metadata["transient"] = {"remove_source": True}
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        extra_loaders=[DictLoader({"page.html.j2": _TEMPLATE})],
        template_file="page.html.j2",
        # the default is the working directory: a template is a program
        extra_template_basedirs=[],
    )
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": shown(executed.stem)}})
    files.write(page, html.encode())


def _is_hidden(metadata: dict[str, Any]) -> bool:
    hidden = metadata.get("jupyter", {}).get("source_hidden", False)
    return bool(hidden) or "injected-parameters" in metadata.get("tags", ())
