"""The stable text of a run: what two machines, or two runs on one, print alike.

Times, process ids, random addresses and their like are replaced by tokens.  A value that tells
things apart gets a numbered one, the same value the same number (``<ip6-1>``, ``<mac-1>``,
``<pid-1>``); a value that merely measures gets a bare one (``<clock>``, ``<dur>``, ``<rate>``).
What the topology fixes, what a step's command names and what was numbered by hand
(``2001:db8::53``) stays.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from labkernel.plain import plain
from labkernel.steps import Outcome
from labkernel.topology import Topology

LINES = 200
"""Output lines that a transcript holds; of longer outputs, the beginning and the end."""

WIDTH = 2000
"""Characters that a line of it holds; of longer lines, the beginning and the end."""


def transcript(outcome: Outcome, topology: Topology) -> str:
    """A step's run as stable text: its title, the command, what it printed, and the verdict."""
    step = outcome.step
    keep = fixed(topology, step.run, outcome.command, step.about)
    tokens = _Tokens(keep, (step.volatile,) if step.volatile else ())
    printed = shorten(plain(outcome.output).rstrip().splitlines())
    lines = [step.title, *prompt(step.on, outcome.command), *tokens.replace_in(printed)]
    if outcome.exit_code:
        lines.append(f"[exit code {outcome.exit_code}]")
    return "\n".join([*lines, *tokens.replace_in(shorten([outcome.verdict()]))])


def prompt(node: str, command: str) -> list[str]:
    """The lines of a command as they stand after a node's prompt."""
    first, *more = command.strip().splitlines() or [""]
    return [f"{node}$ {first}", *(f"{'>':>{len(node) + 1}} {line}".rstrip() for line in more)]


def shorten(lines: Sequence[str], limit: int = LINES) -> list[str]:
    """The lines, or, of more than `limit`, the first and last of them and how many are not here;
    and so with the characters of each."""
    if len(lines) <= limit:
        return [_narrowed(line) for line in lines]
    head, tail = limit - limit // 4, limit // 4
    left_out = f"[… {len(lines) - head - tail} lines …]"
    return [*map(_narrowed, lines[:head]), left_out, *map(_narrowed, lines[-tail:])]


def _narrowed(line: str) -> str:
    """The line in at most :data:`WIDTH` characters."""
    if len(line) <= WIDTH:
        return line
    head, tail = WIDTH // 2, WIDTH // 4
    return f"{line[:head]}[… {len(line) - head - tail} characters …]{line[-tail:]}"


def normalise(text: str, keep: Iterable[str] = (), volatile: Iterable[str] = ()) -> str:
    """Replace what differs from run to run by tokens; of a long text, see :func:`shorten`.

    :param keep: addresses that stay as they are.
    :param volatile: further regular expressions; what a named group matches becomes a token of its
        name, and without one the whole match becomes ``<…>``.
    """
    lines = shorten(text.split("\n"), 2 * LINES)
    return "\n".join(_Tokens(frozenset(keep), tuple(volatile)).replace_in(lines))


def fixed(topology: Topology, *commands: str) -> frozenset[str]:
    """The addresses that a topology or a command fixes, in their canonical text."""
    found: set[str] = set()
    for port in topology.ports:
        found |= {port.mac, *(str(address.ip) for address in port.addresses)}
        found.add(str(ipaddress.IPv6Address((0xFE80 << 112) + _eui64(port.mac))))
    for command in commands:
        found |= {match.group().lower() for match in re.finditer(_MAC, command)}
        found |= {str(ip) for match in re.finditer(_IP6, command) if (ip := _ip6(match.group()))}
        found |= {match.group() for match in re.finditer(_UUID, command)}
    return frozenset(found)


def _eui64(mac: str) -> int:
    """The modified EUI-64 interface identifier of a MAC address (RFC 4291, appendix A)."""
    octets = bytearray.fromhex(mac.replace(":", ""))
    octets[0] ^= 2
    return int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:])


def _ip6(text: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None


_MAC = r"(?<![\w:-])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![\w:])"
_IP6 = r"(?<![\w:.-])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9A-Fa-f]{1,4})?(?!\w)"
_IP4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_UUID = r"(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])"
_TIME = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ZONE = "(?: [A-Z]{3,4})?"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_COUNTED = "(?:bits?|[Bb]ytes|B|b|packets|pkts|requests|req)"
_EPHEMERAL = r"(?:3[2-9]|4\d|5\d|60)\d{3}(?!\d)"  # net.ipv4.ip_local_port_range

# Longer forms stand before the shorter ones that they contain.  The name of a group is its
# token's; one that is in _NUMBERED gets a number, and what stands outside the group stays.
# No form may be looked for again from each character of what another try has been over: nodes
# print what they like.
_PATTERNS = (
    # of Ceph, a client that was quicker than its monitor; it asks again
    r"(?P<nothing>(?m:^\S+ [0-9a-f]{6,16} +-1 monclient: handle_auth_reply_more .{1,40}\n))",
    # clocks and dates: RFC 9110, date(1), ISO 8601, log files, syslog, tcpdump
    rf"(?P<clock>{_DAY},? +(?:\d+ {_MONTH} \d{{4}}|{_MONTH} +\d+) {_TIME}{_ZONE}(?: \d{{4}})?)",
    rf"(?P<clock>(?<!\d)\d{{4}}[-/]\d\d[-/]\d\d[T ]{_TIME}(?:Z|(?: UTC)| ?[+-]\d\d:?\d\d)?)",
    rf"(?P<clock>(?<!\d)\d\d/{_MONTH}/\d{{4}}:{_TIME}(?: [+-]\d{{4}})?)",
    rf"(?P<clock>{_MONTH} +\d+ {_TIME})",
    # curl's progress meter, before its clocks are seen
    r"(?P<meter>(?m:^ *\d+ (?>.*?[\d-]:[\d-]+:[\d-]+ )(?>.*?[\d-]:[\d-]+:[\d-]).*$))",
    rf"(?P<clock>(?<![\w:.]){_TIME}(?![\w:]))",
    # ping
    r"(?<=min/avg/max/mdev = )(?P<dur>[\d./]+ ms)(?P<nothing>, pipe \d+)?",
    r"(?<=ipg/ewma )(?P<dur>[\d./]+ ms)",
    # what a kernel or a program numbers
    r"(?<=@if)(?P<if>\d+)",
    r"\b[Pp][Ii][Dd][ =:]+(?P<pid>\d+)",
    r"(?m:^\[\d+\][+-]? +)(?P<pid>\d+)(?m:$)",
    r"\bid (?P<id>\d+|0x[0-9a-f]+)(?=,)",
    r"\bflowlabel (?P<flow>0x[0-9a-f]+)",
    r"\b(?:seq|ack) (?P<seq>\d{6,}(?::\d{6,})?)",
    r"\bTS val (?P<ts>\d+ ecr \d+)",
    r"(?m:^[^\S\n]+0x[0-9a-f]{4}: +)(?P<bytes>[0-9a-f].*)",
    r"(?<= )(?P<reachable>REACHABLE|STALE|DELAY|PROBE)(?= *(?m:$))",  # which, is a matter of time
    r"\bcksum (?P<sum>0x[0-9a-f]+(?: \([^)\n]{0,80}\))?)",
    r'(?i:\betag: )(?P<etag>"[^"]+")',
    r"\bport (?P<port>" + _EPHEMERAL + ")",
    r"\]:(?P<port>" + _EPHEMERAL + ")",
    rf"(?<![\d.]){_IP4}[.:](?P<port>{_EPHEMERAL})",
    # addresses
    rf"(?P<uuid>{_UUID})",
    rf"(?P<mac>{_MAC})",
    rf"(?P<ip6>{_IP6})(?:\.(?P<port>{_EPHEMERAL}))?",
    r"(?<![\w])(?P<hex>[0-9a-f]{64})(?!\w)",
    # measures
    rf"(?<![\w.])(?<!\d,)(?P<rate>\d[\d.,]* ?[kKMGT]?i?{_COUNTED}(?:/s(?:ec)?\b|ps\b))",
    r"(?<![\w.])(?<!\d,)(?P<rate>\d[\d.,]*(?: \w+)?/s(?:ec)?)\b",
    r"\b(?:used|probes) (?P<n>\d+(?:/\d+)*)",
    r"(?<=load average: )(?P<load>[\d., ]+\d)",
    r"(?<![\w.])(?P<dur>\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|minutes?|min))(?![\w/])",
)
_NUMBERED = {"ip6", "mac", "pid", "port", "uuid", "hex", "id", "flow", "if"}
_PARTS = tuple(re.compile(pattern) for pattern in _PATTERNS)
_ANY = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in _PATTERNS))

_WIDTH = re.compile(r"(?<=\S) {2,}(?=<\w+(?:-\d+)?>)|(?<=[\w]>) {2,}")

_WELL_KNOWN_MACS = ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "33:33:", "01:00:5e:")


class _Tokens:
    """The tokens of one transcript."""

    def __init__(self, keep: frozenset[str], volatile: tuple[str, ...]) -> None:
        self.keep = keep
        self.volatile = tuple(re.compile(pattern, re.MULTILINE) for pattern in volatile)
        self.iids = {int(ip) & _IID for text in keep if (ip := _ip6(text))}
        self.given: dict[tuple[str, str], str] = {}
        self.count: Counter[str] = Counter()

    def replace_in(self, lines: Iterable[str]) -> list[str]:
        lines = list(lines)
        if not lines:
            return []
        text = "\n".join(_tables(lines, self._process))
        for _ in range(4):  # a token can free what stands beside it: repeat until nothing changes
            before = text
            for pattern in self.volatile:
                text = pattern.sub(_volatile, text)
            text = _ANY.sub(self._token, text)
            text = _WIDTH.sub(" ", text)
            if text == before:
                break
        return text.split("\n")

    def _token(self, match: "re.Match[str]") -> str:
        found = (part.match(match.string, match.start()) for part in _PARTS)
        return _fill(next(filter(None, found)), self._replacement)

    def _replacement(self, name: str, value: str) -> str:
        if name == "ip6":
            return self._address(value)
        if name == "mac" and (value.lower() in self.keep or value.startswith(_WELL_KNOWN_MACS)):
            return value
        if name == "nothing":
            return ""
        if name not in _NUMBERED:
            return f"<{name}>"
        return value if value in self.keep else self._numbered(name, value)

    def _address(self, value: str) -> str:
        ip, tail = _ip6(value), ""
        if ip is None and value.endswith(":"):
            ip, tail = _ip6(value[:-1]), ":"
        if ip is None or self._stays(ip):
            return value
        return self._numbered("ip6", str(ip)) + tail

    def _stays(self, ip: ipaddress.IPv6Address) -> bool:
        """Whether it is fixed: named, a prefix, a multicast group, numbered by hand, or made
        from a MAC address that is fixed."""
        iid = int(ip) & _IID
        return str(ip) in self.keep or ip.is_multicast or iid >> 32 == 0 or iid in self.iids

    def _process(self, value: str) -> str:
        return self._numbered("pid", value)

    def _numbered(self, name: str, value: str) -> str:
        if (name, value) not in self.given:
            self.count[name] += 1
            self.given[name, value] = f"<{name}-{self.count[name]}>"
        return self.given[name, value]


_IID = (1 << 64) - 1
_PROCESS_COLUMNS = {
    "PID": "pid",
    "PPID": "pid",
    "SPID": "pid",
    "LWP": "pid",
    "TIME": "<clock>",
    "STIME": "<clock>",
    "START": "<clock>",
    "ELAPSED": "<dur>",
    "%CPU": "<n>",
    "%MEM": "<n>",
    "C": "<n>",
    "VSZ": "<n>",
    "RSS": "<n>",
    "TTY": "<tty>",
}


def _tables(lines: Iterable[str], number: Callable[[str], str]) -> Iterator[str]:
    """Mask the columns of ps(1), whose widths follow their contents."""
    columns: list[str] = []
    for line in lines:
        words = line.split()
        if "PID" in words and ("CMD" in words or "COMMAND" in words):
            columns = words
            yield " ".join(words)
        elif columns and len(words) >= len(columns):
            yield " ".join(_row(columns, line.split(None, len(columns) - 1), number))
        else:
            columns = []
            yield line


def _row(columns: list[str], words: list[str], number: Callable[[str], str]) -> Iterator[str]:
    for column, word in zip(columns, words, strict=True):
        token = _PROCESS_COLUMNS.get(column, "")
        if token == "pid":
            yield number(word) if word.isdigit() else word
        else:
            yield token or word.rstrip()


def _volatile(match: "re.Match[str]") -> str:
    """The match with each named group as its token, or all of it as one."""
    return _fill(match, lambda name, _: f"<{name}>") if match.groupdict() else "<…>"


def _fill(match: "re.Match[str]", replacement: Callable[[str, str], str]) -> str:
    """The match with each named group that took part replaced."""
    text, place = "", match.start()
    groups = [(match.span(name), name) for name, value in match.groupdict().items() if value]
    for (start, end), name in sorted(groups):
        text += match.string[place:start] + replacement(name, match.group(name))
        place = end
    return text + match.string[place : match.end()]
