"""The images of this checkout, as the labs use them."""

from collections.abc import Callable

import pytest

from labkernel import images

InRoot = Callable[..., str]

# Starts what a node has: devices, proc, an empty /run, a network with addresses of its own.
_NODE = """
for each in dev run tmp; do mount -t tmpfs -o mode=755 tmpfs $each; done
for each in null zero urandom; do touch dev/$each; mount --bind /dev/$each dev/$each; done
ip link set lo up
ip address add 192.0.2.1/32 dev lo
ip -6 route add local 2001:db8:100::/64 dev lo
"""
_ASK = """
chroot . /bin/bash -ec '
    nginx
    curl -sS -g "http://[2001:db8:100::dead:b33f]/"
    curl -sS http://192.0.2.1/
    curl -sS --resolve www7.example:80:2001:db8:100::7 http://www7.example/a?b
    nginx -s stop
    while pgrep -x nginx; do sleep 0.05; done >/dev/null
    ls /run
'
"""


@pytest.fixture(scope="module")
def base() -> images.Image:
    """The base."""
    return images.build("base")


def test_base_has_what_its_recipe_lists(base: images.Image, in_root: InRoot) -> None:
    """Every package of the recipe is installed, and none half."""
    assert set(base.made_from.packages) <= set(base.packages())
    assert in_root(base, "chroot . dpkg --audit") == ""


@pytest.mark.parametrize(
    "command",
    [
        "arping -V", "bash --version", "curl --version", "fping --version", "ip -V", "less -V",
        "nc -h", "nginx -v", "ping -V", "ps --version", "python3 --version", "ss -V",
        "sysctl --version", "tcpdump --version", "command -v ndppd",
    ],
)  # fmt: skip
def test_base_has_the_command(base: images.Image, in_root: InRoot, command: str) -> None:
    """The commands that labs are made of run."""
    in_root(base, f"chroot . bash -c '{command} >/tmp/said 2>&1 || {{ cat /tmp/said; exit 1; }}'")


def test_base_is_of_no_machine(base: images.Image, in_root: InRoot) -> None:
    """It keeps nothing of the machine that built it: name, resolver, devices, logs, mirror."""
    assert (
        in_root(base, "cat etc/resolv.conf etc/hostname etc/machine-id 2>/dev/null || true") == ""
    )
    assert in_root(base, "find dev var/log var/cache/apt var/lib/apt/lists -not -type d") == ""
    said = in_root(base, "cat etc/apt/sources.list; find etc/apt/sources.list.d -type f")
    assert said == f"deb http://deb.debian.org/debian {base.suite} main\n"


def test_base_starts_no_service(base: images.Image, in_root: InRoot) -> None:
    """A package that is installed does not start its service (policy-rc.d, 101: forbidden)."""
    said = in_root(base, "chroot . /usr/sbin/policy-rc.d nginx start || echo $?")
    assert said == "101\n"


def test_base_has_no_password(base: images.Image, in_root: InRoot) -> None:
    """Nobody can log in to it with a password."""
    said = in_root(base, "cut -d: -f2 etc/shadow | sort -u")
    assert set(said.split()) <= {"*", "!", "!*"}


def test_base_has_a_plain_prompt(base: images.Image, in_root: InRoot) -> None:
    """An interactive shell shows root@node:~# and is in UTF-8."""
    said = in_root(base, """chroot . bash -ic 'echo "${PS1@P}$LANG"' 2>/dev/null""")
    assert "root@" in said
    assert said.strip().endswith("# C.UTF-8")


@pytest.mark.parametrize("options", ["userxattr,", ""])
def test_web_says_what_was_asked(in_root: InRoot, options: str) -> None:
    """The web server answers on every address with the address and the name that were asked, is
    stopped by `nginx -s stop`, and leaves nothing in /run."""
    said = in_root(images.build("web"), _NODE + _ASK, options).splitlines()
    asked = ["2001:db8:100::dead:b33f", "192.0.2.1", "2001:db8:100::7"]
    assert [line.split()[2].rstrip(",") for line in said] == asked
    assert ["www7.example" in line for line in said] == [False, False, True]


def test_every_image_can_be_built() -> None:
    """Every recipe leads to an image that is built, with a size and a description."""
    for name in images.names():
        image = images.build(name)
        assert image.built
        assert image.size() > 10_000_000
        assert image.description
