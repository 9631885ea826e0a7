"""Checks of the builder's store and profile."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.nixos.commands.store import PROFILE

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


#: the profile is a link to one of its generations
_PROFILE = file("builder", PROFILE, f"{PROFILE}-1-link", f"{PROFILE}-2-link")


def in_store(attempt: "Attempt", version: str) -> list[str]:
    """The paths of hello in that version that Nix counts on, whether they are there or not."""
    pattern = f"^/nix/store/[^ ]*-hello-{version}$"
    found = attempt.run("builder", f"nix-store --dump-db | grep '{pattern}' | sort -u")
    return found.output.split()


def generations(attempt: "Attempt", profile: str = PROFILE) -> tuple[int, dict[int, str]]:
    """The number of a profile's current generation (0: none), and where each leads."""
    script = f'for each in {profile} {profile}-*-link; do echo "$each $(readlink -f $each)"; done'
    rows = dict(re.findall(r"^(\S+) (\S+)$", attempt.run("builder", script).output, re.MULTILINE))
    all_ = {
        int(match[1]): path
        for name, path in rows.items()
        if (match := re.search(r"-(\d+)-link$", name)) and path.startswith("/nix/store/")
    }
    now = attempt.run("builder", ["readlink", profile]).output
    current = re.search(r"-(\d+)-link$", now.strip())
    return int(current[1]) if current else 0, all_


def said(attempt: "Attempt", at: str) -> str:
    """The output of the hello below a path; empty if there is none."""
    result = attempt.run("builder", [f"{at}/bin/hello"])
    return result.output.strip() if result.ok else ""


@looks_at()
def built(attempt: "Attempt") -> str:
    """The recipe has become a path in the store."""
    wanted = attempt.run("builder", ["nix-instantiate", "--eval", "hello.nix", "-A", "outPath"])
    path = wanted.output.strip().strip('"')
    if not wanted.ok or path not in in_store(attempt, "1.0"):
        raise CheckFailed(Expected("builder", "hello-1.0 in the store"), "it is not there")
    return f"{path} says: {said(attempt, path)}"


@looks_at()
def hashed_by_content(attempt: "Attempt") -> str:
    """The same recipe in another file gave the same path, another recipe another one."""
    paths = re.findall(r"^/nix/store/\S+-hello-1\.0$", attempt.output, re.MULTILINE)
    if len(paths) != 3 or paths[0] != paths[1] or paths[1] == paths[2]:
        expected = "the same path twice, and then another one"
        raise CheckFailed(expected, f"saw {len(set(paths))} different of {len(paths)}")
    return "the same recipe in two files is one path, another recipe another path"


def installed(version: str, generation: int) -> "Check":
    """The profile's generation is current, and has hello in that version."""

    @looks_at(_PROFILE)
    def check(attempt: "Attempt") -> str:
        current, _ = generations(attempt)
        seen = said(attempt, PROFILE)
        if current != generation or seen != f"hello from {version}":
            expected = Expected("builder", f"generation {generation} to be current, with {version}")
            raise CheckFailed(expected, f"generation {current} is, and says {seen or 'nothing'}")
        return f"generation {generation} says: {seen}"

    return check


@looks_at(_PROFILE)
def upgraded(attempt: "Attempt") -> str:
    """Claim: the recipe says 2.0, the profile has it, and a generation before still has 1.0."""
    expected = Expected("builder", "hello 2.0 in a new generation, and 1.0 in the one before")
    current, all_ = generations(attempt)
    seen = said(attempt, PROFILE)
    if seen != "hello from 2.0":
        hint = "`nix-env --upgrade --file RECIPE`, once hello.nix says 2.0."
        if in_store(attempt, "2.0"):
            hint = f"2.0 is in the store, but not in the profile. {hint}"
        raise CheckFailed(expected, f"the profile says {seen or 'nothing'}", hint)
    recipe = attempt.run("builder", ["nix-instantiate", "--eval", "hello.nix", "-A", "name"])
    if recipe.output.strip() != '"hello-2.0"':
        seen = f"hello.nix is the recipe of {recipe.output.strip() if recipe.ok else 'nothing'}"
        raise CheckFailed(expected, seen, '`version = "2.0"` in hello.nix was asked for.')
    before = [said(attempt, path) for number, path in all_.items() if number != current]
    if "hello from 1.0" not in before:
        hint = "Without it there is no way back. Bring me here starts afresh."
        raise CheckFailed(expected, "no generation has 1.0 any more", hint)
    return f"generation {current} says {seen}, and 1.0 is a generation still"


@looks_at()
def unharmed(attempt: "Attempt") -> str:
    """After a build that failed the profile is as it was, and nothing of 3.0 is valid."""
    if "hello-3.0.drv' failed" not in attempt.output:
        raise CheckFailed("the build of hello-3.0 to fail", "it was not tried, or did not")
    if in_store(attempt, "3.0"):
        raise CheckFailed(Expected("builder", "no valid hello-3.0"), "there is one")
    return installed("2.0", 2)(attempt)


@looks_at(_PROFILE)
def rolled_back(attempt: "Attempt") -> str:
    """The generation with 1.0 is current again, and the one with 2.0 is there still."""
    expected = Expected("builder", "generation 1 to be current, and 2.0 kept")
    current, all_ = generations(attempt)
    seen = said(attempt, PROFILE)
    if current != 1:
        hint = "`nix-env --rollback` goes to the generation before."
        if seen == "hello from 1.0":
            hint = "You have installed 1.0 once more: that is a step forward, not back. " + hint
        raise CheckFailed(expected, f"generation {current} is current, and says {seen}", hint)
    if not any(said(attempt, path) == "hello from 2.0" for path in all_.values()):
        hint = "To roll back is to change one link: nothing need be deleted."
        raise CheckFailed(expected, "the generation with 2.0 is deleted", hint)
    return "generation 1 says hello from 1.0, and generation 2 is there still"


@looks_at()
def both_ran(attempt: "Attempt") -> str:
    """The step ran both versions, from their own paths."""
    found = set(re.findall(r": hello from (\S+)$", attempt.output, re.MULTILINE))
    if found != {"1.0", "2.0"}:
        raise CheckFailed("hello from 1.0 and from 2.0", f"saw {sorted(found) or 'none'}")
    return "1.0 and 2.0 run beside each other"


@looks_at()
def collected(attempt: "Attempt") -> str:
    """Paths without a root are gone; the generations' paths are not."""
    if len(paths := in_store(attempt, "1.0")) != 1:
        raise CheckFailed(Expected("builder", "one hello-1.0"), f"there are {len(paths)}")
    if not in_store(attempt, "2.0"):
        raise CheckFailed(Expected("builder", "hello-2.0 to be kept"), "it is gone")
    return "what no generation needs is gone, both generations are not"


@looks_at()
def freed(attempt: "Attempt") -> str:
    """hello-2.0 is gone as Nix would have it gone, and 1.0 is not."""
    expected = Expected("builder", "hello-2.0 to be gone from the store, and 1.0 to be in use")
    current, all_ = generations(attempt)
    if said(attempt, PROFILE) != "hello from 1.0":
        hint = "It is the current generation that is not to be lost: `nix-env --rollback`."
        raise CheckFailed(expected, f"generation {current} has no 1.0", hint)
    listed = attempt.run("builder", "ls -d /nix/store/*-hello-2.0 2>/dev/null").output.split()
    if valid := in_store(attempt, "2.0"):
        raise CheckFailed(expected, *_why_kept(attempt, valid[0], listed, all_, current))
    if listed:
        hint = "`nix-collect-garbage` takes it away."
        raise CheckFailed(expected, "what is left of a broken build is there", hint)
    return "hello-2.0 is gone, and 1.0 in use"


def _why_kept(
    attempt: "Attempt", path: str, listed: list[str], all_: dict[int, str], current: int
) -> tuple[str, str]:
    """The reason why a path is kept, a clause, and what to try."""
    if path not in listed:
        return "Nix still counts on it", "A path is never removed by hand."
    printed = attempt.run("builder", ["nix-store", "--query", "--roots", path]).output
    roots = re.findall(r"^(/\S+) -> ", printed, re.MULTILINE)
    old = [number for number in all_ if number != current]
    if any(root.startswith(f"{PROFILE}-") for root in roots):
        hint = f"`nix-env --delete-generations {old[0] if old else ''}` lets go of it."
        return "a generation still leads to it", hint
    if roots:
        return f"{roots[0]} still leads to it", "That link is a root: remove it, then collect."
    return "it is there, though nothing leads to it", "Now collect: `nix-collect-garbage`."
