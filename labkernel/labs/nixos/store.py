"""The store: packages that are built, installed, upgraded, rolled back and collected."""

from labkernel.labs.nixos import commands, packages
from labkernel.labs.nixos.topology import lab

recipe = lab.step(
    "recipe",
    "Build a package from its recipe",
    on="builder",
    run=commands.RECIPE,
    check=packages.built,
    undo="rm hello.nix",
)

hashes = lab.step(
    "hashes",
    "Build it from other files",
    on="builder",
    run=commands.HASHES,
    check=packages.hashed_by_content,
    wrong="nix-build --quiet --no-out-link hello.nix",
)

install = lab.step(
    "install",
    "Install it",
    on="builder",
    run=commands.INSTALL,
    check=packages.installed("1.0", 1),
    undo=f"rm -f ~/.nix-profile {commands.PROFILE} {commands.PROFILE}-*-link",
)

upgrade = lab.task(
    "upgrade",
    "Upgrade it",
    on="builder",
    about="Change the version in hello.nix to 2.0, and have the profile's hello be that one.",
    solution=commands.UPGRADE,
    check=packages.upgraded,
    undo=commands.DOWNGRADE,
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
    run=commands.BREAK,
    check=packages.unharmed,
    wrong="nix-env --upgrade --file hello.nix",
)

rollback = lab.task(
    "rollback",
    "Go back to 1.0",
    on="builder",
    about="Have the profile's hello be 1.0 again, without building or installing anything.",
    solution=commands.GO_BACK,
    check=packages.rolled_back,
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
    run=commands.BESIDE,
    check=packages.beside,
    wrong="~/.nix-profile/bin/hello",
)

collect = lab.step(
    "collect",
    "Collect the garbage",
    on="builder",
    run=commands.COLLECT,
    check=packages.collected,
    undo=commands.LITTER,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
)

free = lab.task(
    "free",
    "Get rid of 2.0",
    on="builder",
    about="2.0 is not wanted any more. Have it gone from the store; 1.0 stays in use.",
    solution=commands.FREE,
    check=packages.freed,
    volatile=r"deleted, (?P<size>[\d.]+ MiB) freed",
    undo=commands.UNFREE,
    hint=[
        "Why did the collector leave it? `nix-store --query --roots PATH` tells.",
        "A generation is a root. Which one is not needed?",
        "`nix-env --delete-generations 2`, then `nix-collect-garbage`",
    ],
)
