"""Tables of a node's kernel, as iproute2 prints them."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkernel.attempt import Nodes


def ip_json(nodes: "Nodes", node: str, *words: str) -> list[dict[str, Any]]:
    """The entries that ``ip -j WORDS`` prints on a node.

    The list is empty if there is nothing to print, and if ip refuses: an interface that a trainee
    has renamed or removed has no entries.
    """
    result = nodes.run(node, ["ip", "-j", *words])
    try:
        entries = json.loads(result.output) if result.ok and result.output.strip() else []
    except ValueError:
        return []
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
