"""When an answer is like a recorded one of the original, and how lists of both compare."""
import itertools

LISTS = ("definitions", "history", "groups", "tags")
RESERVED = ("FLOTILLA_RUN_ID", "FLOTILLA_RUN_OWNER_ID", "FLOTILLA_SERVER_MODE")
NAMED_BY_THE_ENGINE = ("arn", "container_name")
ADDED = {  # the members that we add, see the API document
    "cpu", "gpu", "timeout_seconds", "queue_timeout_seconds", "retry", "secrets", "description", "labels", "command",
    "memory", "idempotence_key", "queued_at", "attempt_count", "attempts", "exit_class", "exit_reason", "image_digest",
    "engine", "max_memory_used", "max_cpu_used", "cpu_seconds", "waiting_for", "retry_at", "stop_requested_at",
    "stopped_by", "next", "total_is_estimate", "created_at", "created_by", "updated_at", "updated_by", "executed_by",
}
PAGING = ("limit", "offset", "sort_by", "order")


class Departure:
    """How and why we answer otherwise than the original, on purpose."""

    def __init__(self, reason, status=None, error=None, members=None, rows=None):
        self.reason = reason
        self.status = status  # ours, where it is another
        self.error = error  # we refuse: a part of the text
        self.members = members or {}  # our values of these members; None: the member is left out
        self.rows = rows or {}  # the same for the rows of a list, by alias

    def applied_to(self, status, content_type, theirs):
        """What is expected in the place of a recorded answer."""
        if self.status is not None:
            status = self.status
            content_type = "application/json; charset=utf-8"
        if self.status == 200:
            return status, content_type, self.members or None
        if theirs is not None:
            theirs = with_members(theirs, self.members)
            if rows_name(theirs) in ("definitions", "history"):
                rows = theirs[rows_name(theirs)]
                theirs[rows_name(theirs)] = [with_members(row, self.rows.get(row["alias"], {})) for row in rows]
        return status, content_type, theirs


def with_members(answer, members):
    """A copy with other values of these members, without those that are None."""
    return {name: value for name, value in {**answer, **members}.items() if value is not None}


def rows_name(answer):
    """The member that holds the rows, if this is the answer of a list."""
    if not isinstance(answer, dict) or "total" not in answer:
        return None
    return next(name for name in LISTS if name in answer)


def unlike(theirs, ours, where="answer"):
    """Where our value is not like theirs, a line each."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = [f"{where}.{name} is missing" for name in theirs if name not in ours]
        found += [f"{where}.{name} is new: {ours[name]!r}" for name in ours if name not in theirs and name not in ADDED]
        for name in theirs.keys() & ours.keys() - set(NAMED_BY_THE_ENGINE):
            found += unlike(theirs[name], ours[name], f"{where}.{name}")
        return found
    if isinstance(theirs, list) and isinstance(ours, list):
        theirs, ours = reserved_sorted(theirs), reserved_sorted(ours)
        if len(theirs) == len(ours):
            pairs = enumerate(zip(theirs, ours))
            return [line for i, pair in pairs for line in unlike(*pair, f"{where}[{i}]")]
    if type(theirs) is type(ours) and theirs == ours:
        return []
    return [f"{where} is {ours!r} instead of {theirs!r}"]


def reserved_sorted(values):
    """A list of variables with the reserved ones, which come first, by name: the original had them in any order."""
    leading = list(itertools.takewhile(lambda value: isinstance(value, dict) and value.get("name") in RESERVED, values))
    return sorted(leading, key=lambda value: value["name"]) + values[len(leading):]


def matches(definition, filters):
    """Whether a definition is in the list with these filters, pairs of name and value."""
    for name, values in itertools.groupby(sorted(filters), key=lambda pair: pair[0]):
        values = [value for _, value in values]
        if name in PAGING:
            continue
        if name == "env":
            pairs = [value.split("|") for value in values]
            env = [[each["name"], each.get("value", "")] for each in definition.get("env") or [] if each]
            good = all(pair in env for pair in pairs if len(pair) == 2)
        elif name == "tags":
            good = any(value in definition.get("tags", []) for value in values)
        elif name == "memory_since":
            good = definition["memory"] > int(values[0])
        elif name == "memory_until":
            good = definition["memory"] < int(values[0])
        elif name in ("alias", "image", "group_name", "command") and len(values) == 1:
            good = values[0] in definition[name]
        else:
            good = str(definition.get(name, "")) in values
        if not good:
            return False
    return True


class Page:
    """A recorded page of a list, without the rows that are `lost`, definitions that the original stored and we refuse,
    to be compared with ours, but for the rows that are `gained`, definitions that the original could not store."""

    def __init__(self, recorded, lost, gained, members):
        self.name = rows_name(recorded)
        self.sort_by = {"cluster_name": "cluster"}.get(recorded.get("sort_by"), recorded.get("sort_by"))
        self.descending = recorded.get("order") == "desc"
        self.echo = {name: value for name, value in recorded.items() if name not in (self.name, "total")}
        self.limit, self.offset = recorded["limit"], recorded["offset"]
        self.lost, self.gained = lost, gained
        self.is_cut = len(recorded[self.name]) < recorded["total"]
        self.total = recorded["total"] - (0 if "total" in members else len(lost) - len(gained))
        lost_names = {self.identity(row) for row in lost}
        self.rows = [row for row in recorded[self.name] if self.identity(row) not in lost_names]
        self.is_short = len(self.rows) < len(recorded[self.name])

    def identity(self, row):
        if isinstance(row, str):
            return row
        return row["run_id"] if self.name == "history" else row["alias"]

    def key(self, row):
        return row if isinstance(row, str) else row[self.sort_by]

    def differences(self, ours):
        """In everything but the rows of a cut page."""
        if not isinstance(ours, dict) or self.name not in ours:
            return [f"no list but {ours!r}"]
        rest = {name: value for name, value in ours.items() if name not in (self.name, "total")}
        found = unlike(self.echo, rest)
        if ours.get("total") != self.total:
            found.append(f"total is {ours.get('total')} instead of {self.total}")
        return found if self.is_cut else found + self.row_differences(ours[self.name])

    def row_differences(self, ours):
        """Rows that sort alike may come in any order."""
        def in_order(rows):
            groups = itertools.groupby((row for row in rows if row not in self.gained), key=self.key)
            return [row for _, group in groups for row in sorted(group, key=self.identity)]
        return unlike(in_order(self.rows), in_order(ours), self.name)

    def cut_differences(self, ours, whole):
        """In the rows of a cut page, given all of our rows."""
        rows = ours[self.name]
        length = max(0, min(self.limit, self.total - self.offset))
        found = [] if len(rows) == length else [f"{len(rows)} rows instead of {length}"]
        if rows != whole[self.offset:self.offset + self.limit]:
            found.append("the page is no cut of the whole list")
        if not found and rows and not self.is_moved(rows, whole):
            found = self.row_differences(rows)
        return found

    def is_moved(self, rows, whole):
        """Whether the recorded page may rightly hold other rows: one of it or before it is lost here, or rows
        outside of it sort as its first or last."""
        def is_before(row):
            last = self.key(self.rows[-1])
            return self.key(row) >= last if self.descending else self.key(row) <= last
        if self.is_short or any(map(is_before, self.lost + self.gained)):
            return True
        outside = whole[:self.offset] + whole[self.offset + len(rows):]
        return bool({self.key(row) for row in outside} & {self.key(rows[0]), self.key(rows[-1])})
