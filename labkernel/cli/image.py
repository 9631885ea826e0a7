"""``labkernel image``: the images that nodes are made from."""

from collections.abc import Sequence
from pathlib import Path

import click

from labkernel import images
from labkernel.cli import terminal
from labkernel.cli.arguments import wrong_use


@click.group()
def image() -> None:
    """Build, list and remove the images that nodes are made from."""


def _require_known(names: Sequence[str]) -> None:
    with wrong_use():
        for name in names:
            images.find(name)


@image.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--force", is_flag=True, help="Build again what is built, with today's packages.")
def build(names: Sequence[str], force: bool) -> None:
    """Build images (default: all) from their recipes; those that are built stay as they are."""
    _require_known(names)
    with terminal.progress() as on_progress:
        built = [images.build(name, on_progress, force) for name in names or images.names()]
    for each in built:
        terminal.say(f"image {each.name}: built, {_size(each.size())}")


@image.command("list")
@terminal.as_json
def list_(as_json: bool) -> None:
    """List the images."""
    found = images.all_images()
    if as_json:
        terminal.print_json({"images": [_describe(each) for each in found]})
        return
    rows = [
        (each.name, _size(each.size()) if each.built else "not built", each.description)
        for each in found
    ]
    terminal.print_columns(("IMAGE", "SIZE", "FOR"), rows)


def _describe(each: images.Image) -> dict[str, object]:
    return {
        "name": each.name,
        "description": each.description,
        "built": each.built,
        "size": each.size(),
        "digest": each.digest,
        "layers": [str(path) for path in each.layers] if each.built else [],
    }


@image.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--outdated", is_flag=True, help="Remove what no recipe leads to any more.")
def remove(names: Sequence[str], outdated: bool) -> None:
    """Remove built images; one that a running lab uses stays."""
    if bool(names) == outdated:
        raise click.UsageError("name the images to remove, or give --outdated")
    _require_known(names)
    with terminal.progress() as on_progress:
        freed = sum(images.remove(name, on_progress) for name in names)
        for name in names:
            _remove_from_virtualbox(name)
        if outdated:
            freed = images.remove_outdated(on_progress)
    terminal.say(f"{_size(freed)} freed")


def _remove_from_virtualbox(name: str) -> None:
    """Unregister what was imported of an image, where anything was."""
    from labkernel.backends.virtualbox import imports, records, vboxmanage

    program = vboxmanage.find()
    if program and any((records.place() / "bases").glob(f"{name}-*")):
        imports.remove(vboxmanage.VBoxManage(program), name)


@image.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("file", type=click.Path(dir_okay=False))
def export(names: Sequence[str], file: str) -> None:
    """Write images to FILE: for a machine without a network (.tar, .tar.gz, .tar.zst), or one as a
    disk that boots by itself, for VirtualBox (.ova, .vmdk) or for QEMU (.qcow2, .raw)."""
    from labkernel import vm

    _require_known(names)
    is_disk = Path(file).suffix in vm.FORMATS
    if is_disk and len(names) > 1:
        raise click.UsageError(f"{file} would be the disk of one image: name one")
    with terminal.progress() as on_progress:
        if is_disk:
            vm.export(names[0], Path(file), on_progress)
        else:
            images.export(names, file, on_progress)


@image.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True))
def load(file: str) -> None:
    """Take the images of a FILE that `labkernel image export` wrote; an .ova is for VirtualBox."""
    if Path(file).suffix == ".ova":
        from labkernel.backends.virtualbox import appliances

        terminal.say(f"loaded for VirtualBox: {appliances.load(Path(file))}")
        return
    with terminal.progress() as on_progress:
        names = images.load(file, on_progress)
    terminal.say(f"loaded: {', '.join(names)}")


def _size(size: int) -> str:
    from labkernel.doctor.machine import readable

    return readable(size)
