"""Image: a recipe, and whether, where and from what it is built."""

import os
import platform
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from labkernel.errors import ImageError
from labkernel.images import cache, recipe
from labkernel.images.metadata import Build
from labkernel.images.recipe import Recipe

#: between a recipe and the image that it is put on
ON = "-on-"


@dataclass(frozen=True)
class Image:
    """A root file system that nodes can be made from.

    :param made_from: its recipe.
    :param parents: the images that it is a layer on, the base first.
    """

    made_from: Recipe
    parents: tuple["Image", ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.made_from.name

    @property
    def description(self) -> str:
        """The purpose of the image, a sentence."""
        return self.made_from.description

    @property
    def recipe(self) -> Path:
        """The directory of its recipe."""
        return self.made_from.directory

    @property
    def suite(self) -> str:
        """Debian's suite that its own packages come from: the nearest that the chain names."""
        return next(each.made_from.suite for each in reversed(self.chain) if each.made_from.suite)

    @property
    def unfit(self) -> str:
        """Why it can't be had on this machine's processor, a sentence; empty if it can."""
        here = platform.machine()
        for each in self.chain:
            if (known := each.made_from.processors) and here not in known:
                return (
                    f'image "{self.name}" is for {" and ".join(known)} alone, and this machine\'s '
                    f"processor is {here}: labs with it don't run here"
                )
        return ""

    @cached_property
    def digest(self) -> str:
        """A text that changes with its recipe and with those of its parents."""
        return self.made_from.digest(self.parents[-1].digest if self.parents else "")

    @property
    def chain(self) -> tuple["Image", ...]:
        """Its parents and itself, the base first."""
        return (*self.parents, self)

    @property
    def layer_name(self) -> str:
        """The name of its own layer, in every cache."""
        return f"{self.name}-{self.digest}"

    @property
    def path(self) -> Path:
        """The directory of its own layer in the user's own cache, which may not exist."""
        return cache.directory() / self.layer_name

    @property
    def paths(self) -> tuple[Path, ...]:
        """The directories of its layers, the base first, in the user's own cache or in the shared
        one; in the user's own if the image is not built."""
        return tuple(location for location, _ in self._found) or tuple(
            each.path for each in self.chain
        )

    @property
    def layers(self) -> tuple[Path, ...]:
        """The directories of the layers, the topmost first, as overlayfs wants them.

        They mean the same with the mount option `userxattr` and without.
        """
        return tuple(location / "root" for location in reversed(self.paths))

    @property
    def builds(self) -> tuple[Build, ...]:
        """The builds of its layers, the base first; empty if one is missing or on another base."""
        return tuple(build for _, build in self._found)

    @property
    def _found(self) -> tuple[tuple[Path, Build], ...]:
        """Its layers and their builds: of each the one that the layer above it was made on."""
        for top in cache.candidates(self.layer_name):
            if (build := cache.build_at(top)) and (
                below := self._standing_below(build)
            ) is not None:
                return (*below, (top, build))
        return ()

    def _standing_below(self, build: Build) -> tuple[tuple[Path, Build], ...] | None:
        """The layers below a build; None if one is missing."""
        if not self.parents:
            return None if build.parent_build else ()
        parent = self.parents[-1]
        for location in cache.candidates(parent.layer_name):
            found = cache.build_at(location)
            if found and found.build == build.parent_build:
                below = parent._standing_below(found)  # noqa: SLF001  an image, too
                return None if below is None else (*below, (location, found))
        return None

    @property
    def built(self) -> bool:
        """The image is built."""
        return bool(self.builds)

    @property
    def damaged(self) -> Path | None:
        """The first damaged layer in the cache; None if there is none."""
        locations = (image.path for image in self.chain)
        return next(
            (each for each in locations if os.path.lexists(each) and not cache.build_at(each)), None
        )

    def size(self) -> int:
        """Bytes on disk of all its layers; 0 if it is not built."""
        return sum(build.size for build in self.builds)

    def packages(self) -> dict[str, str]:
        """The installed version of each package.

        :raises ImageError: it is not built.
        """
        return dict(self._require()[-1].packages)

    def hold(self) -> tuple[int, ...]:
        """Descriptors that keep its layers from being removed, while any copy of them is open.

        :raises ImageError: it is not built.
        """
        self._require()
        held: list[int] = []
        try:
            held.extend(cache.hold(location) for location in self.paths)
        except ImageError:
            cache.release(held)
            raise
        return tuple(held)

    def _require(self) -> tuple[Build, ...]:
        if builds := self.builds:
            return builds
        if self.unfit:
            raise ImageError(self.unfit)
        raise ImageError(f'image "{self.name}" is not built', f"labkernel image build {self.name}")


def find(name: str) -> Image:
    """The image of that name, built or not.

    ``vm-on-ipv6`` is what the recipe of `vm` makes on the image `ipv6`, in place of its own parent.

    :raises ImageError: there is none, or a recipe in its chain is wrong.
    """
    chain = [_read(name)]
    while parent := chain[-1].parent:
        if parent in (each.name for each in chain):
            raise ImageError(f'{chain[-1].directory}/image.toml: "{parent}" would stand on itself')
        chain.append(_read(parent))
    image: Image | None = None
    for each in reversed(chain):
        image = Image(each, image.chain if image else ())
    assert image is not None
    return image


def _read(name: str) -> Recipe:
    top, on, below = name.partition(ON)
    if not on or name in recipe.names():
        return recipe.read(name)
    made, lower = recipe.read(top), find(below)
    if made.parent not in (each.name for each in lower.chain):
        raise ImageError(
            f'image "{top}" can\'t be made on "{below}", which does not stand on "{made.parent}"'
        )
    return replace(made, name=name, parent=below)
