"""What is built in advance keeps nobody waiting."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import images
from labkernel.images import cache

pytestmark = pytest.mark.backend


@pytest.mark.rare
def test_others_go_first(store: Path, recipe: Callable[..., Path]) -> None:
    """An image that is built in advance waits while somebody waits for another; who waits gets
    theirs although more would be built in advance."""
    recipe("first", setup="true")
    recipe("later", setup="true")
    building = threading.Thread(
        target=images.build, args=("later",), kwargs={"in_advance": True}, daemon=True
    )
    with cache.wanted():
        building.start()
        images.build("first")
        assert not images.find("later").built
        assert building.is_alive()
    building.join(60)
    assert images.find("later").built
    images.remove("first")
    images.remove("later")
