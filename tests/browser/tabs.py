"""Tabs of one browser in which JupyterLab stays loaded: that costs more than most tests do."""

from playwright.sync_api import BrowserContext, Page

SIZE = {"width": 1240, "height": 900}

# each notebook's kernel ends, and what shows it goes; nothing asks whether to save
TIDY = """async () => {
  const { shell } = window.jupyterapp;
  const all = ["main", "right"].flatMap((area) => [...shell.widgets(area)]);
  for (const widget of all) {
    await widget.sessionContext?.shutdown();
    if (widget.sessionContext || widget.hasClass("lk-terminal")) widget.dispose();
  }
}"""
LIGHT = """async () => {
  if (document.body.dataset.jpThemeLight !== "false") return;
  await window.jupyterapp.commands.execute("apputils:change-theme", { theme: "JupyterLab Light" });
}"""


class Tabs:
    """Two are enough: what another tab sees."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._pages: dict[int, Page] = {}

    def take(self, number: int) -> Page:
        """A tab, with JupyterLab and no notebook in it, or as yet with nothing at all."""
        if number not in self._pages:
            self._pages[number] = self._context.new_page()
        return self._pages[number]

    def give_back(self, number: int, good: bool) -> None:
        """Make it as it was, for the next test.

        :param good: whether the test passed; else nobody knows what is open there.
        """
        page = self._pages[number]
        if page.evaluate("'jupyterapp' in window"):
            page.evaluate(TIDY)
        if not good or page.locator(".jp-Dialog").count():
            self._pages.pop(number).close()
            return
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        if page.evaluate("'jupyterapp' in window"):
            page.evaluate(LIGHT)
