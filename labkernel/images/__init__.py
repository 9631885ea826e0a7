"""Images: root file systems built once from recipes, in chains of layers.

A recipe is a directory `images/<name>/` of the checkout (its README says what is in it).  A built
layer is in the user's cache, found by the digest of its recipe and of its parents'.

What changes the cache is imported when it is first used: a lab that starts only looks.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labkernel.errors import ImageError
from labkernel.images import recipe
from labkernel.images.cache import release
from labkernel.images.image import ON, Image, find

if TYPE_CHECKING:
    from labkernel.images.archive import copy_to, export, load
    from labkernel.images.builder import build, missing_tools, needed_space
    from labkernel.images.removal import outdated, remove, remove_all, remove_outdated

_HOME = {
    "build": "builder",
    "copy_to": "archive",
    "export": "archive",
    "load": "archive",
    "missing_tools": "builder",
    "needed_space": "builder",
    "outdated": "removal",
    "remove": "removal",
    "remove_all": "removal",
    "remove_outdated": "removal",
}

__all__ = [
    "Image",
    "all_images",
    "build",
    "copy_to",
    "export",
    "find",
    "load",
    "missing",
    "missing_tools",
    "names",
    "needed_space",
    "outdated",
    "override",
    "problems",
    "release",
    "remove",
    "remove_all",
    "remove_outdated",
    "require",
    "wanted_here",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'labkernel.images' has no attribute {name!r}")
    return getattr(import_module(f"labkernel.images.{_HOME[name]}"), name)


def names() -> list[str]:
    """The names of all images that there are recipes for, sorted."""
    return recipe.names()


def all_images() -> list[Image]:
    """All images that there are recipes for, by name, but for those whose recipe is wrong."""
    return [image for image in map(_find, names()) if image]


def wanted_here() -> list[Image]:
    """The images that this machine's processor can run."""
    return [image for image in all_images() if not image.unfit]


def _find(name: str) -> Image | None:
    try:
        return find(name)
    except ImageError:
        return None


def problems() -> list[str]:
    """The problems of recipes in the user's own directories, a sentence each."""
    return recipe.problems()


def override(name: str, replacements: Iterable[str]) -> str:
    """The image that replaces an image: an override replaces the image that it is based on, also as
    the base of other images.

    With ``ceph-next``, which is based on ``ceph``: ``ceph-next`` instead of ``ceph``, and
    ``cephfs-on-ceph-next`` instead of ``cephfs``, which is based on ``ceph`` as well.

    :raises ImageError: there is no such image.
    """
    for given in replacements:
        replaced = find(given).made_from.parent
        if name == replaced:
            return given
        own = find(name).made_from
        if own.parent == replaced and not own.suite:
            return f"{name}{ON}{given}"
    return name


def missing(names: Iterable[str]) -> list[str]:
    """The images that are not built, sorted.

    :raises ImageError: this machine's processor can't run one of them.
    """
    found = [image for image in map(find, sorted(set(names))) if not image.built]
    for image in found:
        if image.unfit:
            raise ImageError(image.unfit)
    return [image.name for image in found]


def require(names: Iterable[str]) -> None:
    """Raise unless all of these images are built.

    :raises ImageError: which are not, and what to type; or which this processor can't run.
    """
    if lacking := missing(names):
        which = ", ".join(f'"{name}"' for name in lacking)
        be = "image {} is" if len(lacking) == 1 else "images {} are"
        raise ImageError(
            f"{be.format(which)} not built", f"labkernel image build {' '.join(lacking)}"
        )
