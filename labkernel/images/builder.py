"""Builds images: each layer by layer.sh in namespaces of its own, renamed into place at its end."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from labkernel import user_namespace
from labkernel.errors import ImageError
from labkernel.images import cache, diagnosis, mirror
from labkernel.images.image import Image, find
from labkernel.images.metadata import Build
from labkernel.images.progress import Progress
from labkernel.progress import OnProgress, ignore, within

_HERE = Path(__file__).resolve().parent
_TOOLS = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "bash": "bash", "tar": "tar"}
_MB = 1_000_000
_KEPT = ("path", "http_proxy", "https_proxy", "no_proxy")


def build(
    name: str,
    on_progress: OnProgress | None = None,
    force: bool = False,
    in_advance: bool = False,
) -> Image:
    """Build what is missing of an image and its parents; returns at once if nothing is.

    :param force: build this image again, with the packages of today; not its parents.
    :param in_advance: nobody waits for it: builds that somebody waits for go first.
    :raises ImageError: which step failed, why, and what to try.
    """
    image = find(name)
    if image.built and not force:
        return image
    if image.unfit:
        raise ImageError(image.unfit)
    tell = on_progress or ignore
    if in_advance:
        cache.let_others_first()
    with (
        contextlib.nullcontext() if in_advance else cache.wanted(),
        cache.locked(lambda: tell("waiting for another build to end", None)) as lock,
    ):
        missing = [each for each in image.chain if not each.built or (force and each is image)]
        if missing:
            _require_tools()
            _require_space(image.name, missing)
        for each in missing:
            cache.require_unused(each.path)
        for done, each in enumerate(missing):
            _build_layer(each, lock, within(_named(tell, each.name), done, len(missing)))
    return image


def _named(tell: OnProgress, name: str) -> OnProgress:
    return lambda what, fraction: tell(f"{name}: {what}", fraction)


def missing_tools() -> ImageError | None:
    """The error about missing tools for builds, with the remedy; ``None`` if all are there."""
    tools = [tool for tool in _TOOLS if not shutil.which(tool)]
    are = "is" if len(tools) == 1 else "are"
    lacking = [f"{', '.join(tools)} {are} not installed"] if tools else []
    packages = [_TOOLS[tool] for tool in tools]
    if not Path(mirror.KEYRING).exists():
        lacking.append(f"{mirror.KEYRING}, which verifies Debian's packages, is missing")
        packages.append("debian-archive-keyring")
    if not lacking:
        return None
    return ImageError(", and ".join(lacking), f"sudo apt-get install {' '.join(packages)}")


def _require_tools() -> None:
    if missing := missing_tools():
        raise missing


def needed_space(missing: Iterable[Image]) -> int:
    """The bytes that the builds of these images take at their peak."""
    return sum(image.made_from.disk_mb for image in missing) * _MB


def _require_space(name: str, missing: list[Image]) -> None:
    needed, free = needed_space(missing), shutil.disk_usage(cache.directory()).free
    if free < needed:
        raise ImageError(
            f'image "{name}" needs {needed // _MB} MB in {cache.directory()} while it '
            f"is built, and {free // _MB} MB are free",
            "free some, or set XDG_CACHE_HOME to a directory where there is more",
        )


def _build_layer(image: Image, lock: int, tell: OnProgress) -> None:
    layer = cache.unfinished() / image.layer_name
    log = cache.directory() / f"{image.name}.log"
    layer.mkdir()
    _run(image, layer, log, lock, tell)
    _described(image, layer).write(layer)
    (layer / "packages").unlink()
    log.replace(layer / "log")
    cache.put(layer)


def _run(image: Image, layer: Path, log: Path, lock: int, tell: OnProgress) -> None:
    progress = Progress(has_parent=bool(image.parents))
    command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            user_namespace.command([*command, "bash", str(_HERE / "layer.sh")]),
            cwd=cache.directory(),
            env=_environment(image, layer),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
            errors="replace",
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C comes to us alone, and we end the build
        )
        _follow(process, progress, tell)
    if process.returncode != 0:
        raise diagnosis.failed(image.name, progress.step, process.returncode, log)


def _environment(image: Image, layer: Path) -> dict[str, str]:
    """The environment of layer.sh: its parameters, and the proxy settings of this process."""
    parents = image.parents[-1].paths if image.parents else ()
    lower = [
        os.path.relpath(location / "root", cache.directory()) for location in reversed(parents)
    ]
    site = mirror.of(image.suite)
    archived = site == mirror.ARCHIVE
    kept = {name: value for name, value in os.environ.items() if name.lower() in _KEPT}
    return kept | {
        "RECIPE": str(image.recipe.resolve()),
        "LAYER": str(layer.relative_to(cache.directory())),
        "LOWER": ":".join(lower),
        "SUITE": image.suite,
        "COMPONENTS": " ".join(["main", *image.made_from.components]),
        "MIRROR": site,
        "DEBIAN": mirror.ARCHIVE if archived else mirror.DEBIAN,
        "EXPIRED": "yes" if archived else "",
        "KEYRING": mirror.KEYRING,
        "PACKAGES": " ".join(image.made_from.packages),
        "PYTHON": sys.executable,
        "HELPERS": str(_HERE),
    }


def _follow(process: "subprocess.Popen[str]", progress: Progress, tell: OnProgress) -> None:
    """Report until the build ends; whatever interrupts us ends it."""
    assert process.stdout is not None
    with process.stdout as lines:
        try:
            for line in lines:
                if step := progress.read(line):
                    tell(*step)
        except BaseException:
            process.kill()  # and the kernel all that it started: they are in its pid namespace
            lines.read()  # until the last of them is gone
            raise
        finally:
            process.wait()


def _described(image: Image, layer: Path) -> Build:
    size, tree = measure(image.name, layer)
    lines = (layer / "packages").read_text(encoding="utf-8").splitlines()
    parent = image.parents[-1].builds[-1].build if image.parents else ""
    return Build(
        name=image.name,
        digest=image.digest,
        build=os.urandom(16).hex(),
        parent_build=parent,
        size=size,
        tree=tree,
        packages=dict(line.split(" ", 1) for line in lines),
    )


def measure(name: str, layer: Path, most: int = sys.maxsize) -> tuple[int, str]:
    """The size in bytes and the digest of a layer's tree.

    :param name: the image's.
    :param most: bytes that its files may have together.
    :raises ImageError: it can't be read, or has something in it that no node is given.
    """
    words = [sys.executable, "-I", "-S", str(_HERE / "tree.py"), str(layer / "root"), str(most)]
    size, _, tree = cache.in_namespace(words).partition(" ")
    if size == "refused":
        raise ImageError(f'image "{name}" can\'t be used: {tree.strip()}')
    return int(size), tree.strip()
