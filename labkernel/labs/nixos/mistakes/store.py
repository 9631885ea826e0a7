"""Mistakes and other right answers of `steps.store`."""

from labkernel import Mistake, Right
from labkernel.labs import nixos
from labkernel.labs.nixos.commands.store import UNFREE, UPGRADE

MISTAKES = {
    nixos.upgrade: [
        Mistake("true", says="but the profile says hello from 1.0"),
        Mistake(
            "sed 's/1.0/2.0/' hello.nix > two.nix\nnix-build --no-out-link two.nix",
            says="2.0 is in the store, but not in the profile",
            fix="rm two.nix\nnix-store --quiet --delete /nix/store/*-hello-2.0",
        ),
        Mistake(
            f"{UPGRADE}\nnix-env --delete-generations 1",
            says="but no generation has 1.0 any more",
            fix=f"sed -i 's/2.0/1.0/' hello.nix\n{nixos.install.undo}\n{nixos.install.run}",
            fix_first=True,
        ),
        Mistake(
            "sed -i 's/1.0/2.1/' hello.nix\nnix-build --no-out-link hello.nix",
            says="but the profile says hello from 1.0",
            fix="nix-store --quiet --delete /nix/store/*-hello-2.1",
        ),
    ],
    nixos.rollback: [
        Mistake("true", says="but generation 2 is current, and says hello from 2.0"),
        Mistake(
            "sed 's/2.0/1.0/' hello.nix > one.nix\nnix-env --install --file one.nix",
            says="that is a step forward, not back",
            fix="nix-env --delete-generations 3\nrm one.nix",
        ),
    ],
    nixos.free: [
        Mistake("nix-collect-garbage", says="`nix-env --delete-generations 2` lets go"),
        Mistake(
            "nix-env --delete-generations 2",
            says="Now collect: `nix-collect-garbage`",
            fix=UNFREE,
        ),
        Mistake(
            "nix-build hello.nix -o two\nnix-env --delete-generations 2",
            says="That link is a root: remove it, then collect",
            fix="rm two",
            fix_first=True,
        ),
        Mistake(
            "nix-env --switch-generation 2\nnix-collect-garbage",
            says="It is the current generation that is not to be lost",
            fix="nix-env --switch-generation 1",
            fix_first=True,
        ),
        Mistake(
            "mv /nix/store/*-hello-2.0 /tmp/",
            says="A path is never removed by hand",
            fix="rm -r /tmp/*-hello-2.0",
        ),
    ],
}

_RECIPE = UPGRADE.splitlines()[0]

ALSO_RIGHT = {
    nixos.upgrade: [
        Right(f"{_RECIPE}\nnix-env --install --file hello.nix"),
        Right(f"{_RECIPE}\nnix-env --install $(nix-build --no-out-link hello.nix)"),
    ],
    nixos.rollback: [
        Right("nix-env --rollback"),
        Right('ln -sfn profile-1-link "$(readlink ~/.nix-profile)"'),  # what nix-env does
    ],
    nixos.free: [
        Right("nix-collect-garbage --delete-old"),
        Right("nix-env --delete-generations old\nnix-store --gc"),
    ],
}
