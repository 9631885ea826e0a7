"""``labkernel image remove --all`` leaves nothing that labkernel can make again."""

from pathlib import Path

import pytest

from labkernel import images, resources
from labkernel.backends import make
from labkernel.backends.namespaces import template
from labkernel.cli import uninstall
from labkernel.errors import ImageError
from labkernel.labs.hitch.commands import certificates
from labkernel.topology import Node, Topology

pytestmark = pytest.mark.backend


def test_all_is_removed(store: Path, runtime_directory: Path) -> None:
    """While a lab runs it is refused, with the lab's name; afterwards the whole cache goes: images,
    logs, VMs that have booted, certificates; and images can be built again."""
    backend = make("namespaces", instance="uses-it", linger=0)
    backend.up(Topology("one", (Node("alpha"),)))
    with pytest.raises(ImageError, match=r"labs run, .*: uses-it\. Try: labkernel down --all"):
        uninstall.remove_all(lambda *_: None)
    assert images.find("base").built
    backend.down()
    (store / "base.log").write_text("of a build that failed")
    (template.directory() / "0123").mkdir(parents=True)
    certificates.make(2)
    assert uninstall.remove_all(lambda *_: None) > 0
    assert not resources.cache().exists()
    assert uninstall.remove_all(lambda *_: None) == 0


def test_what_is_somebody_elses_stays(store: Path, runtime_directory: Path) -> None:
    """A file that labkernel did not put into its cache is not removed."""
    theirs = resources.cache() / "notes"
    theirs.write_text("mine")
    uninstall.remove_all(lambda *_: None)
    assert list(resources.cache().iterdir()) == [theirs]
    theirs.unlink()
