"""What axe-core says of the cards in a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: in a page that JupyterLab makes, the cards are ours, and the order of their headings
CARDS = {"include": [".lk-card"]}
HEADINGS = {"include": [".jp-Notebook"]}
#: and what a presentation adds
PRESENTED = {"include": [".lk-card", ".lk-pin", ".lk-stage"]}


def violations(page: Page, ours: dict[str, list[str]] = CARDS) -> list[str]:
    """What is wrong with the cards of a page, and where; in words."""
    cards = Axe().run(page, context=ours).response["violations"]
    only = {"runOnly": ["heading-order"]}
    headings = Axe().run(page, context=HEADINGS, options=only).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:120]}"
        for each in [*cards, *headings]
        for node in each["nodes"]
    ]
