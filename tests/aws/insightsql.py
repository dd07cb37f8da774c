"""The query language of Logs Insights, as far as it is needed: fields, filter, stats, sort and limit.

"CloudWatch Logs Insights language query syntax", User Guide. Anything else is refused and never ignored,
so that a query cannot answer another question than the one that was asked.
"""

import re
import time

TOKEN = re.compile(r"""\s*(?:(?P<comment>\#[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
                       |(?P<regex>/(?:[^/\\]|\\.)+/)|(?P<period>\d+[a-z]+\b)|(?P<number>\d+(?:\.\d+)?)
                       |(?P<name>@?[A-Za-z_][\w.]*|`[^`]+`)|(?P<op><=|>=|!=|=~|[=<>|,()*\[\]+-]))""",
                   re.X)
UNITS = {"ms": 1, "msec": 1, "s": 1000, "sec": 1000, "m": 60000, "min": 60000, "h": 3600000,
         "hr": 3600000, "d": 86400000, "w": 7 * 86400000}
COMPARE = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
           "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
FIELDS = ("@timestamp", "@ingestionTime", "@message", "@logStream", "@log", "@ptr")


class Malformed(Exception):
    def __init__(self, message, at):
        super().__init__(message)
        self.at = at


class Stamp(int):
    """Milliseconds that are printed as a time."""

    def __str__(self):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self // 1000)) + f".{self % 1000:03d}"


def tokens(text):
    out, at = [], 0
    while text[at:].strip():
        m = TOKEN.match(text, at)
        if not m:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise Malformed(f"unexpected symbol found {text[at]} at line 1 and position {at}", at)
        if m.lastgroup != "comment":
            out.append((m.lastgroup, m[m.lastgroup], m.start(m.lastgroup)))
        at = m.end()
    return out + [("end", "<EOF>", len(text))]


def period_ms(text):
    m = re.match(r"(\d+)([a-z]+?)s?$", text)
    return int(m[1]) * UNITS[m[2]] if m and m[2] in UNITS else None


class Query:
    """`commands` are functions from rows to rows; a row is a dictionary."""

    def __init__(self, text):
        self.left = tokens(text)
        self.commands, self.columns, self.limit = [], ["@timestamp", "@message"], None
        self.aggregated = self.sorted = False
        while True:
            self.command()
            if self.peek()[0] == "end":
                break
            self.need("|")

    # ---- the parser -----------------------------------------------------------------------------

    def peek(self):
        return self.left[0]

    def take(self, *words):
        """The next token's text if it is one of the words."""
        return self.left.pop(0)[1] if self.peek()[1].lower() in words else None

    def need(self, *words):
        found = self.take(*words)
        if found is None:
            raise Malformed(f"mismatched input '{self.peek()[1]}' expecting {', '.join(words)}",
                            self.peek()[2])
        return found

    def name(self):
        if self.peek()[0] != "name":
            self.need("a field")
        return self.left.pop(0)[1].strip("`")

    def listed(self, one):
        out = [one()]
        while self.take(","):
            out.append(one())
        return out

    def command(self):
        word = self.need("fields", "display", "filter", "stats", "sort", "limit").lower()
        if word in ("fields", "display"):
            self.add_fields(self.listed(self.named))
        elif word == "filter":
            self.add_filter(self.either())
        elif word == "stats":
            self.add_stats()
        elif word == "sort":
            self.add_sort(self.listed(self.sort_key))
        else:
            self.limit = self.number(1, 100000)

    def number(self, low, high):
        kind, text, at = self.left.pop(0)
        if kind != "number" or not low <= int(float(text)) <= high:
            raise Malformed(f"mismatched input '{text}' expecting a number", at)
        return int(text)

    def named(self):
        """(name, value) of `expression [as name]`; the name is the expression as it was written."""
        begin = len(self.left)
        before = list(self.left)
        value = self.value()
        text = "".join(t[1] for t in before[:begin - len(self.left)])
        return (self.name() if self.take("as") else text.strip("`")), value

    def either(self):
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return lambda row: any(p(row) for p in parts)

    def both(self):
        parts = [self.condition()]
        while self.take("and"):
            parts.append(self.condition())
        return lambda row: all(p(row) for p in parts)

    def condition(self):
        if self.take("not"):
            inner = self.condition()
            return lambda row: not inner(row)
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        left = self.value()
        if self.take("in"):
            self.need("[")
            values = self.listed(self.value)
            self.need("]")
            return lambda row: left(row) in [v(row) for v in values]
        op = self.need(*COMPARE, "like", "=~")
        if op in ("like", "=~"):
            kind, text, _ = self.left.pop(0)
            pattern = re.compile(text[1:-1] if kind == "regex" else re.escape(text[1:-1]))
            return lambda row: bool(pattern.search(str(left(row))))
        right, test = self.value(), COMPARE[op]
        return lambda row: self.compare(test, left(row), right(row))

    @staticmethod
    def compare(test, a, b):
        if a is None or b is None:
            return False
        return test(a, b) if isinstance(a, str) == isinstance(b, str) else test(str(a), str(b))

    def value(self):
        kind, text, at = self.peek()
        if kind == "name" and self.left[1][1] == "(":
            return self.call()
        self.left.pop(0)
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return lambda row: number
        if kind == "string":
            return lambda row: text[1:-1]
        if kind == "name":
            name = text.strip("`")
            return lambda row: row.get(name)
        raise Malformed(f"unexpected symbol found {text} at line 1 and position {at}", at)

    def call(self):
        name, at = self.peek()[1].lower(), self.peek()[2]
        self.left.pop(0)
        self.need("(")
        if name == "bin":
            step = period_ms(self.left.pop(0)[1])
            if step is None:
                raise Malformed("Invalid period in bin", at)
            self.need(")")
            return lambda row: Stamp(row["@timestamp"] // step * step)
        inner = self.value()
        self.need(")")
        if name == "tomillis":
            return lambda row: None if inner(row) is None else int(inner(row))
        if name == "frommillis":
            return lambda row: None if inner(row) is None else Stamp(inner(row))
        if name == "strlen":
            return lambda row: len(str(inner(row)))
        if name == "ispresent":
            return lambda row: int(inner(row) is not None)
        raise Malformed(f"Invalid function: {name}", at)

    def aggregate(self):
        before, begin = list(self.left), len(self.left)
        function = self.need("count", "count_distinct", "min", "max", "sum", "avg").lower()
        self.need("(")
        if function == "count" and (self.take("*") or self.peek()[1] == ")"):
            value = lambda row: 1                                       # noqa: E731
        else:
            value = self.value()
        self.need(")")
        text = "".join(t[1] for t in before[:begin - len(self.left)])
        return (self.name() if self.take("as") else text), function, value

    def sort_key(self):
        value = self.value()
        return value, self.take("asc", "desc") == "desc"

    # ---- the commands ---------------------------------------------------------------------------

    def add_fields(self, named):
        self.columns = [n for n, _ in named]
        self.commands.append(lambda rows: [{**r, **{n: v(r) for n, v in named}} for r in rows])

    def add_filter(self, test):
        self.commands.append(lambda rows: [r for r in rows if test(r)])

    def add_sort(self, keys):
        self.sorted = True

        def run(rows):
            for value, down in reversed(keys):
                rows = sorted(rows, key=lambda r: (value(r) is not None, value(r)), reverse=down)
            return rows
        self.commands.append(run)

    def add_stats(self):
        sums = self.listed(self.aggregate)
        keys = self.listed(self.named) if self.take("by") else []
        self.columns = [n for n, _ in keys] + [n for n, _, _ in sums]
        self.aggregated = True

        def run(rows):
            groups = {}
            for row in rows:
                groups.setdefault(tuple(v(row) for _, v in keys), []).append(row)
            return [{**dict(zip((n for n, _ in keys), key)),
                     **{n: AGGREGATES[f]([v(r) for r in members if v(r) is not None])
                        for n, f, v in sums}} for key, members in groups.items()]
        self.commands.append(run)

    def run(self, rows, limit):
        """(results as GetQueryResults has them, how many rows the filters left)."""
        matched = len(rows)
        if not self.sorted and not self.aggregated:
            rows = sorted(rows, key=lambda r: r["@timestamp"], reverse=True)
        for command in self.commands:
            rows = command(rows)
            if rows and "@ptr" in rows[0] or not rows and not self.aggregated:
                matched = len(rows)
        columns = self.columns + ([] if self.aggregated else ["@ptr"])
        return [[{"field": c, "value": str(r[c])} for c in columns if r.get(c) is not None]
                for r in rows[:self.limit or limit]], matched


AGGREGATES = {"count": len, "count_distinct": lambda v: len(set(v)), "sum": sum,
              "min": lambda v: min(map(int, v), default=None),
              "max": lambda v: max(map(int, v), default=None),
              "avg": lambda v: sum(v) / len(v) if v else None}
