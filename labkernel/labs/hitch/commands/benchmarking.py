"""Commands: starts that are timed, and the slowest of them."""

#: what the three stacks of the peers' step are timed with, and where that is kept
TIMED = (250, 500, 1000)
STARTS = "/root/starts"


def time_starts(*stacks: str) -> str:
    """Time the start of one or more stacks with each of :data:`TIMED`."""
    numbers = " ".join(map(str, TIMED))
    if len(stacks) == 1:
        return f"time-start {stacks[0]} {numbers}"
    return f"for stack in {' '.join(stacks)}; do time-start $stack {numbers}; done | tee {STARTS}"


FIND_SLOWEST = f"""\
awk -F '[,: ]+' '$2 == {TIMED[0]} {{ first[$1] = $4 }}
  $2 == {TIMED[-1]} {{ print $4 - first[$1], $1 }}' {STARTS} |
  sort -n | tail -n 1 | cut -d ' ' -f 2 > /root/slowest"""
