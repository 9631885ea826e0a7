"""Recipes of images: what is in them, what is wrong with them, and their digests."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from labkernel import Lab, Node, RunningLab, images, settings, vm
from labkernel.errors import ImageError
from labkernel.images import recipe
from labkernel.testing import FakeBackend

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the image.toml of an image, given its name; gives the recipe's directory."""
    monkeypatch.setattr(recipe, "SHIPPED", tmp_path / "recipes")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "recipes").mkdir()

    def write_recipe(name: str, toml: str = 'parent = "root"', description: str = "Test") -> Path:
        directory = tmp_path / "recipes" / name
        directory.mkdir(exist_ok=True)
        (directory / "image.toml").write_text(f'description = "{description}"\n{toml}\n')
        return directory

    write_recipe("root", 'suite = "trixie"')
    return write_recipe


def test_chain_begins_with_the_base(write: Write) -> None:
    """The parents of an image come base first, and its layers topmost first."""
    write("net")
    write("web", 'parent = "net"')
    image = images.find("web")
    assert [parent.name for parent in image.parents] == ["root", "net"]
    assert [path.parent.name.rpartition("-")[0] for path in image.layers] == ["web", "net", "root"]
    assert image.suite == "trixie"
    assert not image.built
    assert image.size() == 0


def test_a_later_image_in_place_of_another(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image may take the place of another: it stands in for the one that it stands on, and
    below what stands on that one as well; a suite of its own an image keeps."""
    write("web")
    write("site", 'parent = "web"')
    write("web-next", 'parent = "web"\nsuite = "forky"')
    write("web-past", 'parent = "web"\nsuite = "bookworm"')
    names = ["root", "web", "site", "web-next", "web-past"]
    assert [images.override(name, []) for name in names] == names
    monkeypatch.setenv(settings.IMAGE_OVERRIDE, "web-next")
    assert settings.image_overrides() == ("web-next",)
    made = ["root", "web-next", "site-on-web-next", "web-next", "web-past"]
    assert [images.override(name, ["web-next"]) for name in names] == made
    assert images.find("site-on-web-next").suite == "forky"
    lab = Lab("one", [Node("alpha", image="web")])
    running = RunningLab(lab, FakeBackend(), images=["web-next"])
    assert [node.image for node in running.topology.nodes] == ["web-next"]
    with pytest.raises(ImageError, match='there is no image "nonsense"'):
        images.override("web", ["nonsense"])


def test_newer_packages_on_an_older_base(write: Write) -> None:
    """An image may take its own packages from another suite than its parents'."""
    write("later", 'parent = "root"\nsuite = "forky"')
    write("above", 'parent = "later"')
    assert [images.find(name).suite for name in ("root", "later", "above")] == [
        "trixie",
        "forky",
        "forky",
    ]


def test_names_are_sorted(write: Write) -> None:
    """Every directory with an image.toml is an image."""
    write("web").parent.joinpath("notes").mkdir()
    assert images.names() == ["root", "web"]
    assert [image.name for image in images.all_images()] == ["root", "web"]


def test_unknown_image_lists_what_there_is(write: Write) -> None:
    """A name that no recipe has is answered with those that there are."""
    with pytest.raises(ImageError, match=r'no image "wbe"; images: root$'):
        images.find("wbe")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('parent = "nix"', 'no image "nix"'),
        ("", 'a "parent" .* or a "suite"'),
        ('parent = "root"\npackage = ["curl"]', 'unknown key "package"; keys: .*packages'),
        ('parent = "root"\npackages = "curl"', '"packages" must be of type list'),
        ('parent = "root"\npackages = ["curl; reboot"]', "'curl; reboot' is not the name"),
        ('parent = "root"\npackages = [7]', "7 is not the name"),
        ('parent = "root"\ncomponents = ["universe"]', "'universe' is not one of Debian's"),
        ('parent = "root"\nprocessors = ["x86-64"]', "'x86-64' is not a processor's name"),
        ('parent = "root"\ndisk_mb = true', '"disk_mb" must be of type int'),
        ('parent = "root"\ndisk_mb = "9"', '"disk_mb" must be of type int'),
        ('parent = "root', "line 2"),
    ],
)
def test_wrong_recipe(write: Write, toml: str, said: str) -> None:
    """What is wrong in an image.toml is said in one sentence."""
    write("bad", toml)
    with pytest.raises(ImageError, match=said):
        images.find("bad")


def test_wrong_recipe_is_named(write: Write) -> None:
    """The file that is wrong is named."""
    directory = write("bad", "packages = 1")
    with pytest.raises(ImageError, match=f"^{directory}/image.toml: "):
        images.find("bad")


def test_missing_description(write: Write) -> None:
    """An image must say what it is for."""
    write("bad", description="")
    with pytest.raises(ImageError, match='"description" is missing'):
        images.find("bad")


@pytest.mark.parametrize("name", ["Web", "9p", "a" * 40])
def test_wrong_name(write: Write, name: str) -> None:
    """The name of an image is part of file names: lower-case letters, digits, hyphens."""
    write(name)
    with pytest.raises(ImageError, match="an image's name is"):
        images.find(name)


def test_image_on_itself(write: Write) -> None:
    """A chain that never ends is refused."""
    write("a", 'parent = "b"')
    write("b", 'parent = "a"')
    with pytest.raises(ImageError, match='"b" would stand on itself'):
        images.find("b")


def test_digest_changes_with_the_recipe(write: Write) -> None:
    """The digest changes with any file, its name, its content, and whether it can be executed."""
    directory = write("web")
    digests = [images.find("web").digest]
    for change in (
        lambda: (directory / "setup").write_text("true"),
        lambda: (directory / "setup").write_text("false"),
        lambda: (directory / "setup").chmod(0o755),
        lambda: (directory / "setup").rename(directory / "setup.old"),
        lambda: (directory / "link").symlink_to("one"),
        lambda: ((directory / "link").unlink(), (directory / "link").symlink_to("two")),
    ):
        change()
        digests.append(images.find("web").digest)
    assert len(set(digests)) == len(digests)


def test_digest_changes_with_the_parent(write: Write) -> None:
    """An image is another when what it stands on is another."""
    write("web")
    before = images.find("web").digest
    write("root", 'suite = "forky"')
    assert images.find("web").digest != before


def test_digest_ignores_what_git_does(write: Write) -> None:
    """Times, umasks and compiled Python are no part of a recipe."""
    directory = write("web")
    (directory / "setup").write_text("true")
    before = images.find("web").digest
    (directory / "setup").chmod(0o600)
    (directory / "__pycache__").mkdir()
    (directory / "__pycache__/x.pyc").write_text("x")
    assert images.find("web").digest == before


def test_require_names_what_is_missing(write: Write) -> None:
    """An image that must be built and is not leads to the command that builds it."""
    write("web")
    with pytest.raises(ImageError) as caught:
        images.require(["web", "web"])
    assert str(caught.value) == 'image "web" is not built. Try: labkernel image build web'
    with pytest.raises(ImageError, match=r'images "root", "web" are not built.* build root web$'):
        images.require(["root", "web"])


def test_recipes_of_ones_own(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LABKERNEL_IMAGES names directories of more recipes, which add to those of labkernel; what is
    wrong with one is said of that one, and the others are there all the same."""
    mine, more = tmp_path / "mine", tmp_path / "more"
    for place, toml in (
        (mine / "router", 'description = "Mine"\nparent = "root"\n'),
        (mine / "broken", "description ="),
        (mine / "root", 'description = "Other"\nsuite = "sid"\n'),
        (more / "switch", 'description = "Mine, too"\nparent = "router"\n'),
    ):
        place.mkdir(parents=True)
        (place / "image.toml").write_text(toml)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LABKERNEL_IMAGES", f"~/mine:{more}:/nowhere")
    assert [each.name for each in images.all_images()] == ["root", "router", "switch"]
    assert images.find("root").suite == "trixie"
    broken, shadowed, missing = images.problems()
    assert broken.startswith(f"{mine}/broken/image.toml: ")
    assert shadowed == f"{mine}/root is not used: there is another image of that name"
    assert missing == "LABKERNEL_IMAGES: there is no directory /nowhere"


def test_removal_of_nothing(write: Write) -> None:
    """Removing an image that is not built frees nothing; one that is unknown is an error."""
    assert images.remove("root") == 0
    assert images.remove_outdated() == 0
    with pytest.raises(ImageError, match='no image "nix"'):
        images.remove("nix")


def test_needed_space_is_of_the_missing(write: Write) -> None:
    """What a build needs is what its recipes say, together."""
    write("web", 'parent = "root"\ndisk_mb = 70')
    assert images.needed_space(images.find("web").chain) == 570_000_000


def test_a_recipe_on_another_image(write: Write) -> None:
    """`vm-on-net` is what the recipe `vm` makes on `net`: a layer with a digest of its own."""
    write("net")
    write("vm")
    on_net = images.find("vm-on-net")
    assert [image.name for image in on_net.chain] == ["root", "net", "vm-on-net"]
    assert on_net.recipe == images.find("vm").recipe
    assert on_net.digest != images.find("vm").digest


def test_a_recipe_on_what_lacks_its_parent(write: Write) -> None:
    """A recipe is not put on an image that does not stand on its own parent."""
    write("other", 'suite = "sid"')
    write("vm")
    with pytest.raises(ImageError, match=r'"vm" can.t be made on "other".* stand on "root"'):
        images.find("vm-on-other")
    with pytest.raises(ImageError, match='there is no image "nothing"'):
        images.find("nothing-on-root")


@pytest.mark.parametrize(
    ("name", "boots"),
    [("base", "vm"), ("vm", "vm"), ("web", "vm-on-web"), ("vm-on-web", "vm-on-web")],
)
def test_the_image_that_boots(name: str, boots: str) -> None:
    """Each image has one with a kernel that has all that it has."""
    assert vm.bootable(name) == boots


def test_an_image_for_other_processors(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that stands on one for another processor says so wherever it is asked for, and isn't
    among those that are wanted here."""
    write("vm", 'parent = "root"\nprocessors = ["x86_64"]')
    write("disks", 'parent = "vm"')
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert not images.find("disks").unfit
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    said = (
        'image "disks" is for x86_64 alone, and this machine\'s processor is aarch64: '
        "labs with it don't run here"
    )
    lab = Lab("one", [Node("alpha", image="disks")])
    asked = (
        lambda: images.build("disks"),
        lambda: images.require(["disks"]),
        lambda: images.find("disks").packages(),
        lambda: RunningLab(lab).backend.missing_images(lab.topology),
    )
    for ask in asked:
        with pytest.raises(ImageError) as told:
            ask()
        assert str(told.value) == said
    assert [image.name for image in images.wanted_here()] == ["root"]
