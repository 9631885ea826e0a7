"""Root shares its images with the users of a machine (``labkernel image share``)."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labkernel import images
from labkernel.cli import sharing
from labkernel.errors import LabError
from labkernel.images import cache
from labkernel.images.cache import directories
from tests import as_user, ordinary_user

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.backend]

_NODE = """
from labkernel.backends import make
from labkernel.topology import Node, Topology
backend = make("namespaces", instance="shares", linger=0)
backend.up(Topology("one", (Node("alpha"),)))
look = "stat -c '%U %a' /usr/bin/su /etc/shadow; touch /usr/bin/su && echo mine"
print(backend.run("alpha", look).output)
backend.down()
"""
_STORE = f"/run/labkernel/images/{as_user.UID}"

if os.geteuid() == 0:  # who is not can share nothing; an ordinary user's tests are these as well

    @pytest.fixture(scope="module")
    def user() -> Iterator[partial["subprocess.CompletedProcess[str]"]]:
        """Runs a program in Python as a user with whom root shares its images."""
        with ordinary_user.home() as path:
            ordinary_user.share_images(path, "base", "web")
            yield partial(ordinary_user.python, path, "-c")

    def test_used_as_they_are(user: partial["subprocess.CompletedProcess[str]"]) -> None:
        """Shared images are built for the user, take no space of the user's, and their nodes have
        the owners and modes of one's own build."""
        told = user("from labkernel import images; print(images.find('web').layers[0].parents[1])")
        assert told.stdout == f"{_STORE}\n", told.stderr
        assert user(_NODE).stdout == "root 4755\nroot 640\nmine\n\n"
        used = user("from labkernel import resources; print(resources.cache().exists())")
        assert used.stdout == "False\n", used.stderr

    @pytest.mark.parametrize(
        ("attempt", "refused"),
        [
            ("pathlib.Path(place, 'x').touch()", "Read-only file system"),
            ("os.chmod(place, 0o777)", "Read-only file system"),
            ("os.setxattr(layer / 'root', 'user.x', b'')", "Read-only file system"),
            ("shutil.rmtree(layer)", "Read-only file system"),
            ("images.remove('web')", "is not yours: root has shared it"),
            ("pathlib.Path(place, 'lock').open('r+b').truncate(1)", "Invalid argument"),
        ],
    )
    def test_never_written(
        user: partial["subprocess.CompletedProcess[str]"], attempt: str, refused: str
    ) -> None:
        """Nothing in it can be changed by the user with whom it is shared."""
        program = (
            "import os, pathlib, shutil\nfrom labkernel import images\n"
            f"place = '{_STORE}'\nlayer = images.find('web').paths[-1]\n{attempt}"
        )
        assert refused in user(program).stderr

    def test_nobody_waits_for_somebody_elses_lock(
        user: partial["subprocess.CompletedProcess[str]"],
    ) -> None:
        """Who holds the locks of shared layers for ever keeps no lab from starting, and nobody from
        building."""
        place = images.find("base").path
        fd = os.open(place, os.O_RDONLY)
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_SH)  # any lab of root's holds the same
        holding = (
            "import fcntl, os, sys\n"
            "from labkernel import images\n"
            "for path in (images.find('base').paths[-1], images.find('web').paths[-1]):\n"
            "    try: fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
            "    except BlockingIOError: pass\n"
            f"fcntl.flock(os.open('{_STORE}/lock', os.O_RDONLY), fcntl.LOCK_EX)\n"
            "images.release(images.find('web').hold())\n"
            "print('held')"
        )
        assert user(holding).stdout == "held\n"
        with cache.locked(lambda: pytest.fail("the store's lock is held")):
            os.close(fd)

    def test_what_is_missing_is_ones_own(
        user: partial["subprocess.CompletedProcess[str]"],
    ) -> None:
        """An image that is not shared is made in the user's own cache, on the shared one below."""
        program = (
            "import pathlib\nfrom labkernel import images\nfrom labkernel.images import recipe\n"
            "mine = pathlib.Path.home() / 'recipes/mine'\nmine.mkdir(parents=True)\n"
            "(mine / 'image.toml').write_text('description = \"Mine\"\\nparent = \"web\"\\n')\n"
            "(mine / 'setup').write_text('echo hello > /etc/hello')\n"
            "(mine / 'setup').chmod(0o755)\n"
            "import os; os.environ['LABKERNEL_IMAGES'] = str(mine.parent)\n"
            "made = images.build('mine')\n"
            "print([str(place.parent) for place in made.paths])\n"
            "images.remove('mine')\nprint(made.built, images.find('web').built)"
        )
        told = user(program)
        own = f"{_home(user)}/.cache/labkernel/images"
        assert told.stdout == f"['{_STORE}', '{_STORE}', '{own}']\nFalse True\n", told.stderr

    def test_not_believed_where_others_could_put_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A directory of that name is no store where anybody but root could have made it."""
        monkeypatch.setattr(directories, "SHARED", tmp_path / "images")
        (tmp_path / "images" / str(os.getuid())).mkdir(parents=True)
        tmp_path.chmod(0o755)
        assert cache.shared_directory()
        (tmp_path / "images").chmod(0o777)
        assert cache.shared_directory() is None
        (tmp_path / "images").chmod(0o755)
        os.chown(tmp_path, as_user.UID, -1)
        assert cache.shared_directory() is None

    def test_a_user_that_is_not_there() -> None:
        """Whom nobody knows gets a sentence."""
        with pytest.raises(LabError, match="there is no user nobody-knows on this machine"):
            sharing.share("nobody-knows")


def _home(user: partial["subprocess.CompletedProcess[str]"]) -> str:
    return str(user("import pathlib; print(pathlib.Path.home())").stdout.strip())
