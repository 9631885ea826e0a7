"""Takes images out of the cache, unless a running lab uses them."""

import contextlib
from pathlib import Path

from labkernel.errors import ImageError
from labkernel.images import cache, recipe
from labkernel.images.image import Image, find
from labkernel.progress import OnProgress, ignore


def remove(name: str, on_progress: OnProgress | None = None) -> int:
    """Remove every build of an image; gives the bytes that became free.

    Images that stand on it must be built again.

    :raises ImageError: it is in use, or there is no image of that name.
    """
    found = [layer for layer in cache.layers() if cache.name_of(layer) == name]
    if not found and find(name).built:
        raise ImageError(
            f'image "{name}" is not yours: root has shared it ({find(name).paths[-1].parent})',
            "as root, labkernel image share --end",
        )
    return _remove(found, on_progress or ignore)


def outdated() -> list[Path]:
    """Layers in the cache that no recipe leads to any more, or whose base was built again."""
    names = {*recipe.names(), *(cache.name_of(layer) for layer in cache.layers())}
    current = {location for image in map(_find, names) if image for location in image.paths}
    return [layer for layer in cache.layers() if layer not in current]


def _find(name: str) -> Image | None:
    """The image if it is built; None also where there is no recipe any more."""
    try:
        image = find(name)
    except ImageError:
        return None
    return image if image.built else None


def remove_outdated(on_progress: OnProgress | None = None) -> int:
    """Remove what :func:`outdated` lists and nobody uses; gives the bytes that became free."""
    return _remove(outdated(), on_progress or ignore, keep_used=True)


def remove_all(on_progress: OnProgress | None = None) -> int:
    """Remove every image, and the cache's directory itself; gives the bytes that became free.

    :raises ImageError: one is in use.
    """
    if not cache.directory().is_dir():
        return 0
    freed = _remove(cache.layers(), on_progress or ignore)
    with cache.locked(lambda: None):
        for log in cache.directory().glob("*.log"):
            log.unlink()
        for name in ("wanted", "lock"):
            (cache.directory() / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another build has begun, or somebody keeps things there
        cache.directory().rmdir()
    return freed


def _remove(layers: list[Path], tell: OnProgress, *, keep_used: bool = False) -> int:
    if not layers:
        return 0
    freed = 0
    with cache.locked(lambda: tell("waiting for a build to end", None)):
        for layer in layers:
            build = cache.build_at(layer)
            tell(f"removing {layer.name}", None)
            try:
                cache.take_away(layer)
            except ImageError:
                if not keep_used:
                    raise
            else:
                freed += build.size if build else 0
    return freed
