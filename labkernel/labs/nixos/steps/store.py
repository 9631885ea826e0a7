"""The store: packages that are built, installed, upgraded, rolled back and collected."""

from labkernel.labs.nixos.checks.store import (
    both_ran,
    built,
    collected,
    freed,
    hashed_by_content,
    installed,
    rolled_back,
    unharmed,
    upgraded,
)
from labkernel.labs.nixos.commands.store import (
    BESIDE,
    BREAK,
    COLLECT,
    DOWNGRADE,
    FREE,
    GO_BACK,
    HASHES,
    INSTALL,
    LITTER,
    PROFILE,
    RECIPE,
    UNFREE,
    UPGRADE,
)
from labkernel.labs.nixos.topology import lab

recipe = lab.step(
    "recipe",
    "Build a package from its recipe",
    on="builder",
    run=RECIPE,
    check=built,
    undo="rm hello.nix",
)

hashes = lab.step(
    "hashes",
    "Build it from other files",
    on="builder",
    run=HASHES,
    check=hashed_by_content,
    wrong="nix-build --quiet --no-out-link hello.nix",
)

install = lab.step(
    "install",
    "Install it",
    on="builder",
    run=INSTALL,
    check=installed("1.0", 1),
    undo=f"rm -f ~/.nix-profile {PROFILE} {PROFILE}-*-link",
)

upgrade = lab.task(
    "upgrade",
    "Upgrade it",
    on="builder",
    about="Change the version in hello.nix to 2.0, and have the profile's hello be that one.",
    solution=UPGRADE,
    check=upgraded,
    undo=DOWNGRADE,
    hint=[
        "The recipe is /root/hello.nix. To build it is not yet to install it.",
        "`nix-env --help` is long: it has --install, --upgrade, --rollback.",
        '`version = "2.0"` in hello.nix, then `nix-env --upgrade --file hello.nix`',
    ],
)

fail = lab.step(
    "fail",
    "Upgrade to a version that can't be built",
    on="builder",
    run=BREAK,
    check=unharmed,
    wrong="nix-env --upgrade --file hello.nix",
)

rollback = lab.task(
    "rollback",
    "Roll back to 1.0",
    on="builder",
    about="Have the profile's hello be 1.0 again, without building or installing anything.",
    solution=GO_BACK,
    check=rolled_back,
    undo="nix-env --switch-generation 2",
    hint=[
        "`nix-env --list-generations` shows what the profile was before.",
        "A profile is a link to a generation; nix-env can set it to another one.",
        "`nix-env --rollback`; from anywhere else, `nix-env --switch-generation 1`.",
    ],
)

beside = lab.step(
    "beside",
    "Run both versions",
    on="builder",
    run=BESIDE,
    check=both_ran,
    wrong="~/.nix-profile/bin/hello",
)

collect = lab.step(
    "collect",
    "Collect the garbage",
    on="builder",
    run=COLLECT,
    check=collected,
    undo=LITTER,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
)

free = lab.task(
    "free",
    "Remove 2.0 from the store",
    on="builder",
    about="2.0 is not wanted any more. Have it gone from the store; 1.0 stays in use.",
    solution=FREE,
    check=freed,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
    undo=UNFREE,
    hint=[
        "Why did the collector leave it? `nix-store --query --roots PATH` tells.",
        "A generation is a root. Which one is not needed?",
        "`nix-env --delete-generations 2`, then `nix-collect-garbage`",
    ],
)
