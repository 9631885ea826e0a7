"""What a build reports, and what is made of its log when it fails."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from labkernel.images import diagnosis, mirror
from labkernel.images.metadata import Build
from labkernel.images.progress import Progress

BUILD = Build("web", "0" * 16, "1", "2", 3, "4", {"curl": "8.14.1"})


def test_build_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What is kept beside a layer comes back."""
    BUILD.write(tmp_path)
    assert Build.read(tmp_path) == BUILD


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"name": "web"}', "\0", "[" * 100_000, "x" * (1 << 21), "5"],
    ids=range(9),
)  # fmt: skip
def test_damaged_description_is_no_build(tmp_path: Path, content: str) -> None:
    """A layer whose description can't be understood does not count as built."""
    (tmp_path / "image.json").write_text(content)
    assert Build.read(tmp_path) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ["web"]),
        ("name", "../web"),
        ("digest", "\x1b" * 16),
        ("size", "3"),
        ("size", -3),
        ("size", 3.0),
        ("tree", "x"),
        ("packages", {"curl": 8}),
        ("packages", []),
    ],
)
def test_description_of_wrong_types(tmp_path: Path, field: str, value: object) -> None:
    """A layer of which a field is of another kind than a build writes does not count as built."""
    (tmp_path / "image.json").write_text(json.dumps(asdict(BUILD) | {field: value}))
    assert Build.read(tmp_path) is None


def test_description_that_is_no_file(tmp_path: Path) -> None:
    """Nobody waits for what is written into a FIFO, or follows a link."""
    os.mkfifo(tmp_path / "image.json")
    assert Build.read(tmp_path) is None
    (tmp_path / "image.json").unlink()
    (tmp_path / "image.json").symlink_to("/dev/zero")
    assert Build.read(tmp_path) is None


def test_progress_of_a_layer() -> None:
    """The steps and apt's own percentages become one part, from 0 to 1, that only rises."""
    progress = Progress(has_parent=True)
    lines = [
        "step:prepare",
        "step:update",
        "dlstatus:1:50.0:Retrieving file 1 of 1",
        "step:install",
        "dlstatus:1:50.0:Retrieving file 1 of 2",
        "pmstatus:tree:0.0:Preparing tree (amd64)",
        "pmstatus:libc6:amd64:70.0:not one of apt's lines after all",
        "pmstatus:tree:100.0:Installed tree (amd64)",
        "step:finish",
    ]
    told = [found for line in lines if (found := progress.read(f"{line}\n"))]
    parts = [part for _, part in told]
    assert parts == sorted(parts)
    assert parts[0] == 0.0
    assert parts[-1] <= 1.0
    assert told[2][0] == "fetching the lists of packages: Retrieving file 1 of 1"
    assert told[-2][0] == "installing packages: Installed tree (amd64)"
    assert progress.step == "finishing"


def test_progress_of_a_base() -> None:
    """The phases of mmdebstrap are reported as well."""
    progress = Progress(has_parent=False)
    assert progress.read("step:bootstrap\n") == ("making a minimal system", 0.0)
    told = progress.read("bootstrap:extracting archives...\n")
    assert told
    assert told[0] == "making a minimal system: extracting archives..."
    assert 0 < told[1] < 0.5


@pytest.mark.parametrize("line", ["", "noise", "step:unheard-of", "bootstrap:chroot architecture"])
def test_progress_ignores_the_rest(line: str) -> None:
    """Lines that are no report are left out."""
    assert Progress(has_parent=False, _name="bootstrap").read(line) is None


@pytest.mark.parametrize(
    ("log", "seen", "remedy"),
    [
        (
            "E: Failed to fetch http://x/  Temporary failure resolving 'x'\nE: Some index files",
            "Temporary failure resolving 'x'. ",
            "is online",
        ),
        (
            "E: The repository 'http://x bullseye Release' does not have a Release file.\n",
            "does not have a Release file. ",
            "another mirror",
        ),
        (
            "E: Failed to fetch http://x/a.deb  404  Not Found [IP: ::1 80]\nE: Unable to fetch\n",
            "404  Not Found",
            "another mirror",
        ),
        ("E: Unable to locate package iproute3\n", "package iproute3. ", '"packages"'),
        ("dd: error writing 'x': No space left on device\n", "No space left", "free some space"),
        ("W: GPG error: NO_PUBKEY 1\nE: x is not signed.\n", "E: x is not signed. ", "keyring"),
        ("mount: web/merged: wrong fs type, bad option\n", "wrong fs type", "ext4, xfs or btrfs"),
        ("cat: /x: No such file\n\n", "cat: /x: No such file. ", "read the log"),
        ("", "it printed nothing. ", "read the log"),
    ],
)
def test_cause(tmp_path: Path, log: str, seen: str, remedy: str) -> None:
    """The sentence names the image, the step, the first error of the cause, and what to try."""
    file = tmp_path / "web.log"
    file.write_text(log)
    said = str(diagnosis.failed("web", "installing packages", 100, file))
    assert said.startswith(
        'image "web" was not built: installing packages failed (exit code 100): '
    )
    assert seen in said
    assert remedy in said.partition("Try: ")[2]
    assert said.endswith(f"The whole log: {file}")


def test_cause_in_a_long_log(tmp_path: Path) -> None:
    """Only the end of a log counts, and bytes that are no text do no harm."""
    file = tmp_path / "web.log"
    file.write_bytes(b"No space left on device\n" + b"\xff noise\n" * 10_000 + b"E: the end\n")
    assert "E: the end. Try: read the log" in str(diagnosis.failed("web", "x", -9, file))


def test_no_user_namespace(tmp_path: Path) -> None:
    """Where no user namespace can be made, its own sentence and remedy are passed on."""
    file = tmp_path / "web.log"
    file.write_text("labkernel: user namespaces are not allowed (x = 1). Try: sudo sysctl x=0.\n")
    assert str(diagnosis.failed("web", "starting", 3, file)) == (
        'image "web" can\'t be built: '
        "user namespaces are not allowed (x = 1). Try: sudo sysctl x=0."
    )


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine that runs Debian's forky."""
    monkeypatch.delenv("LABKERNEL_MIRROR", raising=False)
    release = {"ID": "debian", "VERSION_CODENAME": "forky"}
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)
    return monkeypatch


def test_mirror_of_this_machine(debian: pytest.MonkeyPatch) -> None:
    """On Debian packages come from where the machine's own come from, not from a third party."""
    targets = "http://a.example/ forky Other\nhttp://b.example/debian/ forky Debian\n"
    debian.setattr(mirror, "_apt_targets", lambda: targets)
    assert mirror.url() == "http://b.example/debian/"


@pytest.mark.parametrize("targets", ["", "cdrom:[x]/ forky Debian\n", "http://a/ sid Debian\n"])
def test_mirror_of_debian(debian: pytest.MonkeyPatch, targets: str) -> None:
    """Without a mirror of the machine's own, Debian's is taken."""
    debian.setattr(mirror, "_apt_targets", lambda: targets)
    assert mirror.url() == mirror.DEBIAN


def test_mirror_of_the_environment(debian: pytest.MonkeyPatch) -> None:
    """LABKERNEL_MIRROR goes before all others."""
    debian.setenv("LABKERNEL_MIRROR", "https://mirror.example/debian")
    assert mirror.url() == "https://mirror.example/debian"


class _Mirror(BaseHTTPRequestHandler):
    """Two mirrors: below /debian the usual one, below /archive that of old releases."""

    def do_HEAD(self) -> None:
        found = {"/debian/dists/trixie/Release": 200, "/archive/dists/bullseye/Release": 200}
        self.send_response(503 if "busy" in self.path else found.get(self.path, 404))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on loopback that has a mirror and the archive."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Mirror) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("LABKERNEL_MIRROR", f"{here}/debian/")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(mirror, "ARCHIVE", f"{here}/archive")
        yield here
        server.shutdown()


def test_a_release_that_has_gone_to_the_archive(site: str) -> None:
    """What the mirror has let go of comes from Debian's archive, and what it has from the mirror;
    what neither has, or the mirror does not answer for, is left to apt to tell."""
    usual = f"{site}/debian/"
    assert mirror.of("trixie") == usual
    assert mirror.of("bullseye") == mirror.ARCHIVE
    assert mirror.of("nonsense") == usual
    assert mirror.of("busy") == usual


def test_a_mirror_that_is_not_there(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network nothing is concluded: apt says what is wrong."""
    monkeypatch.setenv("LABKERNEL_MIRROR", "http://127.0.0.1:9/debian")
    assert mirror.of("bullseye") == "http://127.0.0.1:9/debian"
