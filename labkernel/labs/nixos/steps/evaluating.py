"""A configuration is an expression: parsed, evaluated, and corrected."""

from labkernel.checks import printed
from labkernel.labs.nixos.checks.evaluating import all_found, evaluates_cleanly, is_of_another_time
from labkernel.labs.nixos.commands.disk import written
from labkernel.labs.nixos.commands.evaluating import EVALUATE, MEND, MISTAKES, NIXOS, PARSE, SUMMARY
from labkernel.labs.nixos.topology import lab
from labkernel.labs.nixos.views import table

parse = lab.step(
    "parse",
    "Parse the configuration",
    on="builder",
    run=PARSE,
    check=printed(r"^\(\{ config, pkgs, \.\.\. \}: \{ boot = ", "a function of config and pkgs"),
    wrong="echo '{ config, pkgs' > /tmp/half.nix\nnix-instantiate --parse /tmp/half.nix || true",
)

evaluate = lab.step(
    "evaluate",
    "Evaluate the configuration",
    on="builder",
    run=EVALUATE,
    exits=1,
    check=is_of_another_time,
    wrong="nix-instantiate --parse /etc/nixos/absent.nix",
)

mend = lab.task(
    "mend",
    "Fix the configuration",
    on="builder",
    about="Change /etc/nixos/configuration.nix until "
    f"`nix-instantiate {NIXOS} -A system` prints a path and no complaint. What worked in "
    "2015 must still be asked for: SSH, libvirt, Ceph.",
    solution=MEND,
    check=evaluates_cleanly,
    undo=written("/etc/nixos"),
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
    "Summarise the configuration",
    on="builder",
    run=SUMMARY,
    check=printed(r'"services":\["libvirtd","sshd"\]', "the services libvirtd and sshd"),
    wrong=f"nix-instantiate --eval --strict --json {NIXOS} -A warnings",
    view=table,
)

four = lab.step(
    "mistakes",
    "Make four mistakes at once",
    on="builder",
    run=MISTAKES,
    check=all_found,
    wrong=f"{EVALUATE} --arg configuration /tmp/absent.nix || true",
)
