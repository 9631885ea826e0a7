"""Patterns of values that differ from run to run; a group's name is the name of its token."""

import re

MAC = r"(?<![\w:-])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![\w:])"
IP6 = r"(?<![\w:.-])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9A-Fa-f]{1,4})?(?!\w)"
_IP4 = r"(?:\d{1,3}\.){3}\d{1,3}"
UUID = r"(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])"
_TIME = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ZONE = "(?: [A-Z]{3,4})?"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_COUNTED = "(?:bits?|[Bb]ytes|B|b|packets|pkts|requests|req)"
_EPHEMERAL = r"(?:3[2-9]|4\d|5\d|60)\d{3}(?!\d)"  # net.ipv4.ip_local_port_range

# Longer forms come before the shorter ones that they contain.  A group's name is its token's name;
# a token in NUMBERED gets a number, and text outside the group stays.  No pattern may take
# quadratic time: output of nodes may be malicious.
_PATTERNS = (
    # a Ceph client that was faster than its monitor; it retries
    r"(?P<nothing>(?m:^\S+ [0-9a-f]{6,16} +-1 monclient: handle_auth_reply_more .{1,40}\n))",
    # start-stop-daemon, if a daemon ended by itself in the moment in which it was stopped
    r"(?P<nothing>(?m:^start-stop-daemon: warning: failed to kill \d+: No such process\n))",
    r"(?P<nothing>\nstart-stop-daemon: warning: failed to kill \d+: No such process\Z)",
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
    # numbers assigned by a kernel or a program
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
    rf"(?P<uuid>{UUID})",
    rf"(?P<mac>{MAC})",
    rf"(?P<ip6>{IP6})(?:\.(?P<port>{_EPHEMERAL}))?",
    r"(?<![\w])(?P<hex>[0-9a-f]{64})(?!\w)",
    # measures
    rf"(?<![\w.])(?<!\d,)(?P<rate>\d[\d.,]* ?[kKMGT]?i?{_COUNTED}(?:/s(?:ec)?\b|ps\b))",
    r"(?<![\w.])(?<!\d,)(?P<rate>\d[\d.,]*(?: \w+)?/s(?:ec)?)\b",
    r"\b(?:used|probes) (?P<n>\d+(?:/\d+)*)",
    r"(?<=load average: )(?P<load>[\d., ]+\d)",
    r"(?<![\w.])(?P<dur>\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|minutes?|min))(?![\w/])",
)
NUMBERED = {"ip6", "mac", "pid", "port", "uuid", "hex", "id", "flow", "if"}
PARTS = tuple(re.compile(pattern) for pattern in _PATTERNS)
ANY = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in _PATTERNS))
