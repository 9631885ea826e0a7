"""The proof that commands which hints name are taken by their programs."""

import pytest

from labkernel.proving.hints import commands_in


@pytest.mark.parametrize(
    ("hint", "commands"),
    [
        ("Ask it: `rdisc6 -1 eth0`.", ["rdisc6 -1 eth0"]),
        ("`dig AAAA www.example` and `ip -6 route`", ["dig AAAA www.example", "ip -6 route"]),
        ("`ip -6 address del ADDRESS/64 dev eth0`", []),
        ("`ip -6 route replace …`", []),
        ("`ip route via FE80-ADDRESS`", []),
        ("no family but `bridge` sees them", []),
        ("nothing to run", []),
    ],
)
def test_commands_of_a_hint(hint: str, commands: list[str]) -> None:
    """Commands that can be run as they stand are found; what has to be filled in is left."""
    assert list(commands_in(hint)) == commands


def test_the_step_s_own_commands() -> None:
    """What the step itself runs, its hints need not prove: a daemon would be started twice."""
    hint = "`ceph-mds -i alpha`, then `ceph pg repair 1.1a`; `ceph health detail` says why"
    answer = "ceph-mds -i alpha\n\nceph pg repair $pg"
    assert list(commands_in(hint, answer)) == ["ceph health detail"]
    assert list(commands_in(hint)) == [
        "ceph-mds -i alpha", "ceph pg repair 1.1a", "ceph health detail",
    ]  # fmt: skip
