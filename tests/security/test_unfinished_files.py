"""Nothing half-written has the name that was asked for, and nothing of it stands in the way."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labkernel import files, images
from labkernel.errors import LabError
from tests.security.conftest import NAME, in_namespace

pytestmark = pytest.mark.timeout(120)

_COMMAND = "import sys; from labkernel.cli import main; sys.exit(main())"


def labkernel(*words: str, before: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run a command."""
    return subprocess.run(
        [*before, sys.executable, "-c", _COMMAND, *words], capture_output=True, text=True
    )


def test_what_was_exported_is_told_by_its_digest(image: images.Image, tmp_path: Path) -> None:
    """`image export` prints what sha256sum can check."""
    done = labkernel("image", "export", NAME, str(tmp_path / "small.tar"))
    assert done.returncode == 0, done.stderr
    checked = subprocess.run(["sha256sum", "-c"], input=done.stdout, capture_output=True, text=True)
    assert checked.stdout.endswith("small.tar: OK\n")


def test_a_killed_export(image: images.Image, tmp_path: Path) -> None:
    """An export that was killed in its middle does not stop the next one, which takes away what it
    has left; files of the user's that are called alike stay."""
    place, mine = tmp_path / "out", tmp_path / "out/.labkernel-mine"
    mine.mkdir(parents=True)
    (mine / "unfinished").write_text("the user's own")
    (place / "small.tar.part").write_text("somebody's download")
    os.mkfifo(tmp_path / "slow")
    program = (
        "import sys, pathlib; from labkernel import files\n"
        "with files.room_beside(pathlib.Path(sys.argv[1])) as room:\n"
        "    (room / 'small.tar').write_bytes(b'half'); open(sys.argv[2], 'w').close()\n"
        "    sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(place / "small.tar"), str(tmp_path / "slow")]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as exporting:
        (tmp_path / "slow").read_bytes()
        images.export(NAME, place / "small.tar")  # one that runs is left alone
        assert len([*place.glob(".labkernel-*/small.tar")]) == 1
        exporting.send_signal(signal.SIGKILL)
    (place / "small.tar").unlink()
    images.export(NAME, place / "small.tar")
    left = {path.name for path in place.iterdir()}
    assert left == {"small.tar", "small.tar.part", ".labkernel-mine"}
    assert (mine / "unfinished").read_text() == "the user's own"


def test_an_export_to_a_full_disk(image: images.Image, tmp_path: Path) -> None:
    """A full disk is named with the file, and nothing is left of it."""
    place = tmp_path / "full"
    place.mkdir()
    (image.path / "root/large").write_bytes(os.urandom(1 << 20))
    inside = f"""
        mount -t tmpfs -o size=100k tmpfs {place}
        for name in small.tar small.tar.gz; do
            {sys.executable} -c '{_COMMAND}' image export {NAME} {place}/$name
        done
        ls -A {place}
    """
    done = in_namespace("bash", "-c", inside)
    assert done.stdout == ""
    for name in ("small.tar", "small.tar.gz"):
        assert f"{place}/{name} can't be written: No space left on device" in done.stderr


def test_an_interrupted_export(image: images.Image, tmp_path: Path) -> None:
    """Ctrl-C leaves nothing."""
    (tmp_path / "out").mkdir()
    (image.path / "root/large").write_bytes(os.urandom(300 << 20))
    file = tmp_path / "out/small.tar.gz"
    with subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "image", "export", NAME, str(file)]
    ) as run:
        while not [*file.parent.glob(".labkernel-*/small*")]:
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 130
    assert [*file.parent.iterdir()] == []


def test_a_report_on_a_full_disk(tmp_path: Path) -> None:
    """A file that has no room keeps what it had, and no half of the new one is beside it."""
    program = (
        "import sys, pathlib; from labkernel import errors, files\n"
        "path = pathlib.Path(sys.argv[1]); files.write(path, b'old')\n"
        "try: files.write(path, bytes(1 << 20))\n"
        "except errors.LabError as error: print(error, path.read_text(), *path.parent.iterdir())"
    )
    inside = f'mount -t tmpfs -o size=100k tmpfs {tmp_path}; exec "$@"'
    file = f"{tmp_path}/junit.xml"
    done = in_namespace("bash", "-c", inside, "bash", sys.executable, "-c", program, file)
    said = f"{file} can't be written: No space left on device. Try: free some space, or write it "
    assert done.stdout == f"{said}elsewhere old {file}\n", done.stderr


def test_what_is_no_file_is_written_at_once(tmp_path: Path) -> None:
    """A device is not replaced by a file, and its error is told."""
    with pytest.raises(LabError, match=f"/dev/full can't be written: {os.strerror(errno.ENOSPC)}"):
        files.write(Path("/dev/full"), b"x")
    assert Path("/dev/full").is_char_device()


def test_a_link_stays_one(tmp_path: Path) -> None:
    """What a link leads to is replaced, not the link."""
    (tmp_path / "link").symlink_to("there")
    files.write(tmp_path / "link", b"x")
    assert ((tmp_path / "there").read_text(), (tmp_path / "link").is_symlink()) == ("x", True)


@pytest.mark.parametrize(
    "words", [("list",), ("image", "list", "--json"), ("--help",)], ids=" ".join
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_standard_output_is_full(words: tuple[str, ...], unbuffered: str) -> None:
    """Where nothing can be printed, one sentence says so."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", _COMMAND, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )
    said = "labkernel: standard output can't be written: No space left on device. Try: free some"
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith(said)


def test_standard_error_is_full() -> None:
    """Where not even the error can be told, the exit code is right."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", _COMMAND, "steps", "nothing"], stderr=full)
    assert done.returncode == 2
