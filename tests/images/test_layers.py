"""What a build makes of a recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import images
from labkernel.errors import ImageError

Recipe = Callable[..., Path]
InRoot = Callable[..., str]

_REPLACE = """
rm /etc/ndppd.conf-dist /usr/share/nginx/html/* 2>/dev/null || true
rm /etc/nginx/mime.types
rm -r /etc/nginx/conf.d /etc/nginx/snippets
mkdir /etc/nginx/snippets
touch /etc/nginx/snippets/ours
"""
_LOOK = "ls etc/nginx/snippets; ls -d etc/nginx/conf.d etc/nginx/mime.types 2>&1 || true"


def test_layer_has_only_what_its_recipe_changes(store: Path, recipe: Recipe) -> None:
    """A layer has the files of its recipe and what its setup did, and nothing of its parent."""
    directory = recipe(
        "small", setup="test -e /etc/debian_version; echo 1 >/opt/done; id -u >>/opt/done"
    )
    program = directory / "files/usr/local/bin/greet"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o700)
    (directory / "files/opt").mkdir()
    (directory / "files/opt/text").write_text("text")

    image = images.build("small")

    root = image.path / "root"
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert files == ["opt/done", "opt/text", "usr/local/bin/greet"]
    assert (root / "opt/done").read_text() == "1\n0\n"
    assert (root / "usr/local/bin/greet").stat().st_mode & 0o7777 == 0o755
    assert (root / "opt/text").stat().st_mode & 0o7777 == 0o644
    assert image.layers == (root, images.find("base").path / "root")
    assert [parent.name for parent in image.parents] == ["base"]


def test_layer_installs_packages(store: Path, recipe: Recipe, in_root: InRoot) -> None:
    """Packages of a layer are installed and work, and leave no list of packages behind."""
    recipe("tools", 'parent = "base"\npackages = [\n  "tree",  # shows directories\n]')
    image = images.build("tools")
    assert "tree" in image.packages()
    assert "curl" in image.packages()
    assert "tree" not in images.find("base").packages()
    assert "install ok" in in_root(image, "chroot . dpkg -s tree")
    assert in_root(image, "find var/lib/apt/lists var/cache/apt -type f") == ""


@pytest.mark.parametrize("options", ["userxattr,", ""])
def test_layer_hides_what_it_replaces(
    store: Path, recipe: Recipe, in_root: InRoot, options: str
) -> None:
    """What a setup removed stays hidden, however the layers are mounted."""
    recipe("less", setup=_REPLACE)
    assert in_root(images.build("less"), _LOOK, options).splitlines() == [
        "ours",
        "ls: cannot access 'etc/nginx/conf.d': No such file or directory",
        "ls: cannot access 'etc/nginx/mime.types': No such file or directory",
    ]


def test_chain_of_three(store: Path, recipe: Recipe, in_root: InRoot) -> None:
    """A layer sees all that stands below it, and can hide what any of them brought."""
    recipe("middle", setup="mkdir /opt/a; touch /opt/a/x /opt/a/y")
    recipe("upper", 'parent = "middle"', setup="rm -r /opt/a; mkdir /opt/a; touch /opt/a/z")
    recipe("top", 'parent = "upper"', setup="ls /opt/a >/opt/seen; rm /opt/a/z; touch /opt/a/x")
    image = images.build("top")
    assert in_root(image, "cat opt/seen; ls opt/a").split() == ["z", "x"]
    assert [each.name for each in image.chain] == ["base", "middle", "upper", "top"]


def test_same_recipe_gives_the_same_tree(store: Path, recipe: Recipe) -> None:
    """Two builds of one digest are the same, file by file."""
    recipe("tools", 'parent = "base"\npackages = ["tree"]', setup=_REPLACE)
    first = images.build("tools").builds[-1]
    second = images.build("tools", force=True).builds[-1]
    assert first.build != second.build
    assert first.tree == second.tree


def test_built_image_is_not_built_again(store: Path, recipe: Recipe) -> None:
    """A second build returns at once and tells nothing."""
    recipe("small", setup="echo once")
    first = images.build("small").builds
    told: list[str] = []
    assert images.build("small", lambda what, part: told.append(what)).builds == first
    assert told == []


def test_changed_recipe_is_another_image(store: Path, recipe: Recipe) -> None:
    """A changed recipe is not built, nor is what stands on it; its old layer becomes outdated."""
    recipe("middle", setup="true")
    recipe("top", 'parent = "middle"')
    images.remove_outdated()
    old = [images.build("top").path, images.find("middle").path]
    recipe("middle", setup="touch /opt/new")
    assert not images.find("middle").built
    assert not images.find("top").built
    assert images.outdated() == sorted(old)
    images.remove_outdated()
    assert images.outdated() == []
    assert not any(path.exists() for path in old)
    assert images.find("base").built


def test_rebuilt_parent_makes_its_children_unbuilt(store: Path, recipe: Recipe) -> None:
    """A layer counts only on the very build that it was made on: dpkg's state must fit."""
    recipe("middle", setup="true")
    recipe("top", 'parent = "middle"')
    images.build("top")
    images.build("middle", force=True)
    assert not images.find("top").built
    assert images.build("top").built


def test_progress_rises_to_the_end(store: Path, recipe: Recipe) -> None:
    """Progress names the image and the step, and its part never falls."""
    recipe("middle", 'parent = "base"\npackages = ["tree"]')
    recipe("top", 'parent = "middle"')
    told: list[tuple[str, float | None]] = []
    images.build("top", lambda what, part: told.append((what, part)))
    parts = [part for _, part in told if part is not None]
    assert parts == sorted(parts)
    assert 0 <= parts[0] < 0.1
    assert 0.9 < parts[-1] <= 1
    assert any(what.startswith("middle: installing packages: Unpacking tree") for what, _ in told)
    assert told[-1][0] == "top: finishing"


def test_image_in_use_stays(store: Path, recipe: Recipe) -> None:
    """A layer that a lab holds can't be removed or replaced, and can be once it is let go."""
    before = set(store.iterdir())
    recipe("held", setup="head -c 9000 /dev/zero >/opt/held")
    image = images.build("held")
    held = image.hold()
    with pytest.raises(ImageError, match="in use by a running lab"):
        images.remove("held")
    with pytest.raises(ImageError, match="in use by a running lab"):
        images.build("base", force=True)
    assert image.built
    images.release(held)
    assert images.remove("held") >= 9000
    assert not image.built
    assert set(store.iterdir()) == before


def test_cache_is_closed_to_other_users(store: Path) -> None:
    """Others can't reach the setuid programs in a layer: they would run as its owner."""
    assert store.stat().st_mode & 0o077 == 0
