"""``labkernel image``: the images that nodes are made from."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from labkernel import images, record
from labkernel.cli import advance, terminal, uninstall
from labkernel.cli.arguments import wrong_use
from labkernel.errors import ImageError, shown


@click.group()
def image() -> None:
    """Build, list and remove the images that nodes are made from."""


def _require_known(names: Sequence[str]) -> None:
    with wrong_use():
        for name in names:
            images.find(name)


@image.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--force", is_flag=True, help="Rebuild images with current packages.")
@click.option(
    "--in-advance",
    is_flag=True,
    help="Build in the background, with a low priority.",
)
def build(names: Sequence[str], force: bool, in_advance: bool) -> None:
    """Build images (default: all that this processor can run) from their recipes.

    Those that are built stay as they are. After one that can't be built it goes on with the others.
    """
    _require_known(names)
    if in_advance and sys.platform != "win32":
        os.nice(19)
    failed = []
    wanted = names or advance.in_order()
    with terminal.progress() as on_progress:
        for name in wanted:
            try:
                built = images.build(name, on_progress, force, in_advance)
                terminal.say(f"image {name}: built, {_size(built.size())}")
            except ImageError as error:
                failed.append((name, error))
                if len(wanted) > 1:
                    terminal.say(f"image {name}: {error}")
    _raise_if(failed)


def _raise_if(failed: Sequence[tuple[str, ImageError]]) -> None:
    """Say at the end what has failed in the middle, if anything."""
    if len(failed) == 1:
        raise failed[0][1]
    if failed:
        names = " ".join(name for name, _ in failed)
        raise ImageError(
            f"{len(failed)} images could not be built: {names}",
            f"read above why, then labkernel image build {names}",
        )


@image.command("list")
@terminal.as_json
def list_(as_json: bool) -> None:
    """List the images."""
    found = images.all_images()
    if as_json:
        terminal.print_json({"images": [_describe(each) for each in found]})
        return
    rows = [(each.name, _state(each), each.description) for each in found]
    terminal.print_columns(("IMAGE", "SIZE", "FOR"), rows)
    for each in found:
        if damaged := each.damaged:
            terminal.say(f"image {each.name}: {damaged} is damaged. Try: {_again(each)}")


def _state(each: images.Image) -> str:
    if each.built:
        return _size(each.size())
    return "not for this processor" if each.unfit else "not built"


def _again(each: images.Image) -> str:
    return f"labkernel image build {each.name}"


def _describe(each: images.Image) -> dict[str, object]:
    return {
        "name": each.name,
        "description": each.description,
        "built": each.built,
        "unfit": each.unfit,
        "damaged": str(each.damaged or ""),
        "size": each.size(),
        "digest": each.digest,
        "layers": [str(path) for path in each.layers] if each.built else [],
    }


@image.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--outdated", is_flag=True, help="Remove layers of earlier recipes.")
@click.option("--all", "all_", is_flag=True, help="Remove everything in labkernel's cache.")
def remove(names: Sequence[str], outdated: bool, all_: bool) -> None:
    """Remove built images; one that a running lab uses stays."""
    if bool(names) + outdated + all_ != 1:
        raise click.UsageError("name the images to remove, or give --outdated or --all")
    _require_known(names)
    with terminal.progress() as on_progress:
        freed = sum(images.remove(name, on_progress) for name in names)
        for name in names:
            _remove_from_virtualbox(name)
        if all_:
            freed = uninstall.remove_all(on_progress)
        if outdated:
            freed = images.remove_outdated(on_progress)
    terminal.say(f"{_size(freed)} freed")
    if all_ and (kept := record.files()):
        terminal.say(f"The record of what you did stays, in {kept[0].parent}")


def _remove_from_virtualbox(name: str) -> None:
    """Unregister what was imported of an image, where anything was."""
    from labkernel.backends.virtualbox import imports, records, vboxmanage

    program = vboxmanage.find()
    if program and any((records.base_directory() / "bases").glob(f"{name}-*")):
        imports.remove(vboxmanage.VBoxManage(program), name)


@image.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("file", type=click.Path(dir_okay=False))
def export(names: Sequence[str], file: str) -> None:
    """Write images to FILE: for a machine without a network (.tar, .tar.gz, .tar.zst), or one as a
    disk that boots by itself, for VirtualBox (.ova, .vmdk) or for QEMU (.qcow2, .raw).

    Prints the file's SHA-256, as sha256sum does: hand it on, for `labkernel image load --sha256`.
    """
    from labkernel import files, vm

    _require_known(names)
    is_disk = Path(file).suffix in vm.FORMATS
    if is_disk and len(names) > 1:
        raise click.UsageError(f"{file} would be the disk of one image: name one")
    with terminal.progress() as on_progress:
        if is_disk:
            vm.export(names[0], Path(file), on_progress)
        else:
            images.export(names, file, on_progress)
    click.echo(f"{files.sha256(Path(file))}  {shown(file)}")


def _sha256(_ctx: object, _param: object, given: str) -> str:
    """A digest as one is given it: in any case, with spaces around it."""
    digest = given.strip().lower()
    if given and not re.fullmatch("[0-9a-f]{64}", digest):
        raise click.BadParameter(f"{shown(given)} is not 64 hexadecimal digits")
    return digest


@image.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True))
@click.option(
    "--sha256",
    metavar="DIGEST",
    default="",
    callback=_sha256,
    help="What the file's SHA-256 must be, as `labkernel image export` printed it; looked at "
    "before anything is unpacked.",
)
def load(file: str, sha256: str) -> None:
    """Take the images of a FILE that `labkernel image export` wrote; an .ova is for VirtualBox.

    Load images only of people whose programs you would run: what a file says of itself shows that
    it is whole, not who made it. --sha256 shows that it is the very file that they wrote.
    """
    if Path(file).suffix == ".ova":
        from labkernel.backends.virtualbox import appliances

        terminal.say(f"loaded for VirtualBox: {appliances.load(Path(file), sha256)}")
        return
    with terminal.progress() as on_progress:
        names = images.load(file, on_progress, sha256)
    terminal.say(f"loaded: {', '.join(names)}")


@image.command()
@click.argument("users", nargs=-1, required=True, metavar="USER...")
@click.option("--end", is_flag=True, help="End the sharing; running labs keep their images.")
def share(users: Sequence[str], end: bool) -> None:
    """As root: let users of this machine have your images, at no cost of space.

    They use them as they are and can't change them, also those that are built later; what is
    missing they build for themselves. Type it again when the machine has started anew.
    """
    from labkernel import linux

    if not linux.is_real_root():
        raise click.UsageError("only root can share images: for others they have other owners")
    from labkernel.cli import sharing

    for user in users:
        if end:
            was = sharing.end(user)
            terminal.say(f"{user}: {'ended' if was else 'nothing was shared'}")
        else:
            terminal.say(f"{user}: {shown(sharing.share(user))}")


def _size(size: int) -> str:
    from labkernel.doctor.machine import readable

    return readable(size)
