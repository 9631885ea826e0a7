"""A configuration is an expression: parsed, evaluated, and mended."""

from labkernel.checks import printed
from labkernel.labs.nixos import commands, configuring
from labkernel.labs.nixos.topology import lab

parse = lab.step(
    "parse",
    "Have Nix parse the configuration",
    on="builder",
    run=commands.PARSE,
    check=printed(r"^\(\{ config, pkgs, \.\.\. \}: \{ boot = ", "a function of config and pkgs"),
    wrong="echo '{ config, pkgs' > /tmp/half.nix\nnix-instantiate --parse /tmp/half.nix || true",
)

evaluate = lab.step(
    "evaluate",
    "Have Nix evaluate it",
    on="builder",
    run=commands.EVALUATE,
    exits=1,
    check=configuring.is_of_another_time,
    wrong="nix-instantiate --parse /etc/nixos/absent.nix",
)

mend = lab.task(
    "mend",
    "Mend the configuration",
    on="builder",
    about="Change /etc/nixos/configuration.nix until "
    f"`nix-instantiate {commands.NIXOS} -A system` prints a path and no complaint. What worked in "
    "2015 shall still be asked for: SSH, libvirt, Ceph.",
    solution=commands.MEND,
    check=configuring.evaluates_cleanly,
    undo=commands.written("/etc/nixos"),
    hint=[
        "Mend what the last lines say, and evaluate again: there may be more behind it.",
        "Three lines are of 2015: a kernel, a version of GRUB, and the name of an option.",
        (
            "Delete the line with grub.version, take `pkgs.linuxPackages`, and write "
            "`services.openssh.settings.PermitRootLogin`."
        ),
    ],
)

summarise = lab.step(
    "summarise",
    "See what it asks for",
    on="builder",
    run=commands.SUMMARY,
    check=printed(r'"services":\["libvirtd","sshd"\]', "the services libvirtd and sshd"),
    wrong=f"nix-instantiate --eval --strict --json {commands.NIXOS} -A warnings",
    view=configuring.table,
)

four = lab.step(
    "mistakes",
    "Make four mistakes at once",
    on="builder",
    run=commands.MISTAKES,
    check=configuring.all_found,
    wrong=f"{commands.EVALUATE} --arg configuration /tmp/absent.nix || true",
)
