"""An installation from a CD, to its end: booted, typed at the console, booted from the disk."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from labkernel import CheckFailed, RunningLab
from labkernel.errors import BackendError, CommandFailed, NodeLost
from labkernel.labs import nixos
from labkernel.labs.nixos.commands.installing import Installation
from labkernel.testing import FakeBackend
from labkernel.vm import iso
from labkernel.vm.console import Console
from labkernel.vm.installer import _first_entry, kernel_of
from tests.vm import installer_cd

pytestmark = [pytest.mark.backend, pytest.mark.slow]


@pytest.fixture(scope="module")
def cd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The image of a CD that answers as NixOS's does, for the lab to install from."""
    path = tmp_path_factory.mktemp("cd") / "nixos.iso"
    installer_cd.write(path)
    nixos.use_iso(str(path))
    yield path
    nixos.use_iso("")


@pytest.fixture
def running() -> RunningLab:
    """The lab, without its nodes: the step runs on none of them."""
    return RunningLab(nixos.lab, FakeBackend())


@pytest.mark.rare
def test_installs_reboots_and_logs_in(cd: Path, running: RunningLab) -> None:
    """The step passes: what was asked for runs from the disk, and no password is in the output."""
    step = nixos.from_iso
    with pytest.raises(CheckFailed, match="it was not booted"):
        running.evidence(step)
    outcome = running.do(step)
    assert outcome.passed, f"{outcome.verdict()}\n{outcome.output}"
    assert "\nNew password: \nRetype new password: \n" in outcome.output
    assert "\x1b" not in outcome.output
    assert running.has_passed(step)


@pytest.mark.rare
def test_a_line_that_fails_is_the_last(cd: Path, running: RunningLab) -> None:
    """After a line that fails nothing is typed, the step fails with its exit code, and its check
    finds that nothing was booted from a disk."""
    outcome = running.do(nixos.from_iso, "mount /dev/vda1 /mnt\necho never\nreboot")
    assert isinstance(outcome.failure, CommandFailed)
    assert outcome.exit_code == 32
    assert "echo never" not in outcome.output
    with pytest.raises(CheckFailed, match="it was not booted"):
        running.evidence(nixos.from_iso)


def test_it_can_be_stopped(cd: Path, running: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop ends the machine while it boots, and the step says that it has ended."""
    act = nixos.from_iso.runner
    assert isinstance(act, Installation)
    monkeypatch.setattr(running.backend, "stop", lambda: None)
    act._console = None
    with ThreadPoolExecutor() as pool:
        doing = pool.submit(running.do, nixos.from_iso)
        while act._console is None:
            with suppress(TimeoutError):
                doing.result(0.05)
        running.stop()
        outcome = doing.result(30)
    assert isinstance(outcome.failure, NodeLost)
    assert "the machine ended" in str(outcome.failure)


def test_without_an_iso_it_is_not_run(running: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no ISO is given, the step says so in one sentence, and has not passed."""
    monkeypatch.setattr("labkernel.labs.nixos.commands.installing._given", "")
    monkeypatch.delenv("LABKERNEL_NIXOS_ISO", raising=False)
    outcome = running.do(nixos.from_iso)
    assert outcome.verdict() == (
        "Not run: it needs a NixOS ISO, and none is given: iso in the notebook, or "
        "LABKERNEL_NIXOS_ISO."
    )
    assert not outcome.passed
    assert not running.has_passed(nixos.from_iso)


def test_an_iso_that_is_not_there(running: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that leads to no file is an error, and not the same as no ISO."""
    monkeypatch.setattr("labkernel.labs.nixos.commands.installing._given", "")
    monkeypatch.setenv("LABKERNEL_NIXOS_ISO", "/absent.iso")
    outcome = running.do(nixos.from_iso)
    assert str(outcome.failure) == "there is no file /absent.iso. Try: the path of a NixOS ISO"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no CD", "it has no volume descriptor of ISO 9660"),
        (iso.image("X", {"isolinux/a": b""}), "it has none of isolinux/isolinux.cfg, "),
        (iso.image("X", {"isolinux/isolinux.cfg": b"LABEL a\n"}), "its menu boots no kernel"),
        (iso.image("X", {"isolinux/isolinux.cfg": b"LINUX /k\n"}), "its menu names no initrd"),
        (iso.image("X", {"isolinux/isolinux.cfg": b"LINUX /k\nINITRD /i\n"}), "/k"),
    ],
)
def test_a_file_that_is_no_installer(tmp_path: Path, content: bytes, why: str) -> None:
    """What is wrong with a file that can't be booted is said, with its name."""
    path = tmp_path / "x.iso"
    path.write_bytes(content)
    with pytest.raises(BackendError) as caught:
        kernel_of(path)
    assert str(caught.value).startswith(f"{path} can't be booted: {why}")


def test_a_menu_of_grub() -> None:
    """The first entry of GRUB's menu is read as well as that of isolinux, without variables."""
    menu = "menuentry 'x' {\n  linux /boot/k ${isoboot} init=/init quiet\n  initrd /boot/i\n}\n"
    assert _first_entry(menu * 2) == ("/boot/k", "/boot/i", "init=/init quiet")


def test_files_in_directories(tmp_path: Path) -> None:
    """What was written to a CD is read from it, whatever the case of its name."""
    path = tmp_path / "x.iso"
    path.write_bytes(iso.image("X", {"a": b"A", "boot/k": b"K" * 5000, "boot/empty": b""}))
    with path.open("rb") as medium:
        assert iso.read(medium, "/BOOT/K") == b"K" * 5000
        assert iso.read(medium, "a") == b"A"
        assert iso.read(medium, "boot/empty") == b""
        with pytest.raises(FileNotFoundError):
            iso.read(medium, "boot/absent")


def test_a_console_that_says_nothing() -> None:
    """What is waited for in vain is named, with what the machine has said."""
    words = ["qemu-system-x86_64", "-nodefaults", "-display", "none", "-S"]
    with Console(words) as console, pytest.raises(NodeLost, match=r"within 0.2 s\..*nothing"):
        console.expect("login: ", 0.2)


def test_a_qemu_that_does_not_start() -> None:
    """What QEMU says when it ends is in the error."""
    with Console(["qemu-system-x86_64", "-absent"]) as console, pytest.raises(NodeLost) as caught:
        console.expect("login: ", 20)
    assert "ended" in str(caught.value)
    assert "QEMU said: " in str(caught.value)
