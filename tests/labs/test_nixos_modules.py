"""The tiny NixOS: how its modules are put together, and what a configuration then says."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labkernel import Lab, Node, RunningLab, images
from labkernel.backends import make
from labkernel.labs.nixos.commands.evaluating import NIXOS

pytestmark = pytest.mark.backend

_SOUND = """
  boot.loader.grub = { enable = true; device = "/dev/vda"; };
  fileSystems."/" = { device = "/dev/vda1"; fsType = "xfs"; };
"""

Evaluate = Callable[..., Any]


@pytest.fixture(scope="module")
def evaluate() -> Iterator[Evaluate]:
    """Evaluates a part of what a configuration's lines become."""
    images.build("nix")
    lab = Lab("nixos-modules", nodes=[Node("builder", image="nix")])
    backend = make("namespaces", instance=f"nixos-modules-{os.getpid()}", linger=0)
    running = RunningLab(lab, backend)

    def evaluate(what: str, lines: str, sound: str = _SOUND) -> Any:
        text = f"{{ config, lib, pkgs, ... }}: {{ {sound} {lines} }}"
        running.run("builder", ["tee", "/tmp/it.nix"], stdin=text.encode(), expect=0)
        words = ["nix-instantiate", "--eval", "--strict", "--json", NIXOS, "-A", what]
        result = running.run("builder", [*words, "--arg", "configuration", "/tmp/it.nix"])
        return json.loads(result.output.splitlines()[-1]) if result.ok else result.output

    with running:
        yield evaluate


@pytest.mark.parametrize(
    ("lines", "option", "value"),
    [
        ('networking.hostName = lib.mkDefault "a";', "networking.hostName", "a"),
        (
            'imports = [ { networking.hostName = "b"; } ];networking.hostName = lib.mkForce "a";',
            "networking.hostName",
            "a",
        ),
        (
            'imports = [ { networking.hostName = "b"; } ];networking.hostName = lib.mkDefault "a";',
            "networking.hostName",
            "b",
        ),
        (
            (
                "imports = [ { networking.firewall.allowedTCPPorts = [ 80 ]; } ];"
                "services.openssh.enable = true;"
            ),
            "networking.firewall.allowedTCPPorts",
            [22, 80],
        ),
        (
            'services.openssh.permitRootLogin = "no";',
            "services.openssh.settings.PermitRootLogin",
            "no",
        ),
        (
            'services.openssh.enable = lib.mkIf (config.networking.hostName == "nixos") true;',
            "services.openssh.enable",
            True,
        ),
        (
            'services = lib.mkIf (config.networking.hostName == "x") { openssh.enable = true; };',
            "services.openssh.enable",
            False,
        ),
    ],
    ids=["default", "force", "weaker", "lists", "renamed", "if", "if-not"],
)
def test_values(evaluate: Evaluate, lines: str, option: str, value: object) -> None:
    """Definitions are merged by their types, their priorities and their conditions."""
    seen = evaluate(f"config.{option}", lines)
    assert (sorted(seen) if isinstance(seen, list) else seen) == value


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("", None),
        (
            "services.opensh.enable = true;",
            (
                "The option 'services.opensh' does not exist (in /tmp/it.nix). "
                "Did you mean 'services.openssh'?"
            ),
        ),
        ("zzz = 1;", "The option 'zzz' does not exist (in /tmp/it.nix)."),
        (
            "networking.hostName = 7;",
            (
                "A definition for option 'networking.hostName' is not of type 'string': "
                "7 (in /tmp/it.nix)."
            ),
        ),
        (
            "virtualisation.libvirtd.enableKVM = true;",
            (
                "The option 'virtualisation.libvirtd.enableKVM' no longer has any effect "
                "(in /tmp/it.nix). Choose a QEMU by virtualisation.libvirtd.qemu.package."
            ),
        ),
        (
            "services.ceph.enable = true;",
            "Ceph needs the option 'services.ceph.global.fsid', the cluster's UUID.",
        ),
        ("services = lib.mkIf false { nonsense = 1; };", None),
    ],
    ids=["sound", "near", "far", "type", "removed", "assertion", "if-not"],
)
def test_problems(evaluate: Evaluate, lines: str, problem: str | None) -> None:
    """Each problem is told with its option, its file and what to do; where there is none, none."""
    assert evaluate("problems", lines) == ([problem] if problem else [])


def test_a_machine_that_would_not_boot(evaluate: Evaluate) -> None:
    """Without a root file system and a boot loader a configuration is refused."""
    assert len(evaluate("problems", "", sound="")) == 2
    assert "the configuration can't be used" in evaluate("system", "", sound="")
