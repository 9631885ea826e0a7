"""Images as files."""

import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import images, user_namespace
from labkernel.errors import ImageError

Recipe = Callable[..., Path]


@pytest.fixture
def small(store: Path, recipe: Recipe) -> images.Image:
    """An image on the base that hides something of it and has a program with a capability."""
    setup = "cd /etc/nginx; rm -r snippets; mkdir snippets; chown 7:100 snippets"
    recipe("small", setup=setup)
    return images.build("small")


@pytest.mark.parametrize(
    "suffix", [*(pytest.param(s, marks=pytest.mark.rare) for s in ("tar", "tar.gz")), "tar.zst"]
)
def test_round_trip(
    small: images.Image,
    base_archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
) -> None:
    """What is loaded from a file is what was exported, with its parents, file by file."""
    archive = tmp_path / f"small.{suffix}"
    images.export("small", archive)
    images.remove("small")
    images.remove("base")
    assert not images.find("small").built
    assert images.load(archive) == ["base", "small"]
    assert images.find("small").built
    assert [path.name for path in tmp_path.glob("small.*")] == [archive.name]


@pytest.mark.rare
def test_several_in_one_file(small: images.Image, tmp_path: Path, recipe: Recipe) -> None:
    """Of images that stand on one parent, a file of all has that parent once."""
    recipe("smaller", setup="true")
    images.build("smaller")
    archive = tmp_path / "both.tar"
    images.export(["small", "smaller"], archive)
    with tarfile.open(archive) as file:
        layers = [name for name in file.getnames() if name.endswith("/image.json")]
    assert sorted(layer.partition("-")[0] for layer in layers) == ["base", "small", "smaller"]
    for name in ("smaller", "small", "base"):
        images.remove(name)
    assert sorted(images.load(archive)) == ["base", "small", "smaller"]
    assert all(images.find(name).built for name in ("small", "smaller"))


def test_load_of_what_is_there_changes_nothing(small: images.Image, base_archive: Path) -> None:
    """The same build, loaded again, is left alone even while it is in use."""
    held = small.hold()
    assert images.load(base_archive) == ["base"]
    assert small.built
    images.release(held)


def test_export_of_an_image_that_is_not_built(store: Path, recipe: Recipe, tmp_path: Path) -> None:
    """An image must be built before it can be handed out."""
    recipe("small")
    with pytest.raises(ImageError, match="Try: labkernel image build small"):
        images.export("small", tmp_path / "small.tar")
    assert not list(tmp_path.glob("small.tar*"))


@pytest.mark.parametrize("file", ["small.zip", "nowhere/small.tar"])
def test_export_to_a_bad_path(small: images.Image, tmp_path: Path, file: str) -> None:
    """A file that can't be written is refused with the reason."""
    with pytest.raises(ImageError, match=r"must end in|No such file"):
        images.export("small", tmp_path / file)


@pytest.mark.rare
def test_truncated_archive(small: images.Image, tmp_path: Path) -> None:
    """An archive that was cut off changes nothing."""
    archive = tmp_path / "small.tar.gz"
    images.export("small", archive)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    images.remove("small")
    with pytest.raises(ImageError, match="the archive can't be read"):
        images.load(archive)
    assert not small.built
    assert not (small.path.parent / "unfinished").exists()


@pytest.mark.rare
def test_changed_archive(small: images.Image, tmp_path: Path) -> None:
    """An archive in which one byte of a file was changed is damaged."""
    archive = tmp_path / "small.tar"
    images.export("small", archive)
    content = archive.read_bytes()
    assert content.count(b"types {\n") == 1
    archive.write_bytes(content.replace(b"types {\n", b"tapes {\n"))
    images.remove("small")
    images.remove("base")
    with pytest.raises(ImageError, match='damaged: image "base" is not what was exported'):
        images.load(archive)
    assert not images.find("base").built


@pytest.mark.rare
def test_archive_of_another_recipe(small: images.Image, tmp_path: Path, recipe: Recipe) -> None:
    """An archive from another version of a recipe is refused, with both digests."""
    archive = tmp_path / "small.tar"
    images.export("small", archive)
    recipe("small", setup="something else")
    with pytest.raises(ImageError, match="another version of its recipe") as caught:
        images.load(archive)
    assert small.digest in str(caught.value)
    assert images.find("small").digest in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"not a tar", b"\0" * 10240], ids=["nothing", "text", "zeros"]
)
def test_file_that_is_no_archive(store: Path, tmp_path: Path, content: bytes) -> None:
    """Any other file is refused in one sentence."""
    file = tmp_path / "other.tar"
    file.write_bytes(content)
    with pytest.raises(ImageError, match="the archive"):
        images.load(file)


def test_tar_of_something_else(store: Path, tmp_path: Path) -> None:
    """A tar without an image in it is refused."""
    file = tmp_path / "other.tar"
    subprocess.run(["tar", "-C", "/etc", "-cf", file, "hostname"], check=True)
    with pytest.raises(ImageError, match="has no image in it, but hostname"):
        images.load(file)


def test_missing_file(store: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ImageError, match="there is no file /nowhere"):
        images.load("/nowhere")


def test_copy_to_another_namespace(small: images.Image, tmp_path: Path) -> None:
    """A copy for somebody else arrives built, in their cache."""
    cache = tmp_path / "theirs"
    runner = [*user_namespace.command(["env", f"XDG_CACHE_HOME={cache}"])]
    images.copy_to("small", runner)
    there = cache / "labkernel/images" / small.path.name / "image.json"
    assert json.loads(there.read_text())["tree"] == small.builds[-1].tree
    subprocess.run(user_namespace.command(["rm", "-rf", str(cache)]), check=True)


def test_copy_to_somebody_who_cannot(small: images.Image) -> None:
    """A copy that could not be made is an error with the other side's reason."""
    with pytest.raises(ImageError, match=r"was not copied: .*Not a directory"):
        images.copy_to("small", ["env", "XDG_CACHE_HOME=/dev/null"])
