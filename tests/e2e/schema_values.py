"""Values made from schemas of docs/openapi.yaml: those that they allow, and those that they do not."""
import functools
import json

from hypothesis import strategies as st

# What a schema cannot know: names that mean something to the server of the test.
KNOWN = {
    "image": ["base", "base:latest", "localhost:1/missing", "localhost:1/a@sha256:" + "0" * 64],
    "memory": [1, 32, 64],
    "cpu": [0, 10, 100, 1000],
    "gpu": [0],
    "timeout_seconds": [100],
    "active_deadline_seconds": [100],
    "idempotence_key": ["k", ""],
    "command": ["true", "exit 3", "echo one; echo two", "sleep 1000"],
    "cluster": ["default", "small", "empty", ""],
    "user": ["root", "nobody", "0", "no such user"],
    "secrets": [[], ["TOKEN"]],
    "owner_id": ["ada", "bob"],
}
NO_OTHERS = ("image", "secrets", "cpu", "timeout_seconds", "active_deadline_seconds")  # others have to be refused
# What has hurt servers elsewhere: quotes and comments of SQL and shells, paths, formats, controls, other scripts.
HOSTILE_TEXTS = [
    "", " ", "'", "\"", "';--", "') OR 1=1 --", "%", "_", "%s%n", "{}", "${x}", "$(id)", "`id`", "../../etc/passwd", "/",
    "a/b", ".", "..", "\n", "\r\nX: y", "\t", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffd", "\U0001f680",
    "\u0130", "e\u0301", "null", "true", "-1", "0x10", "1e9", "NaN", "|", "a|b", "a|b|c", "=", "x" * 300, "\u00e9" * 200,
    "FLOTILLA_RUN_ID", "default", "__proto__",
]
HOSTILE_NUMBERS = [0, -1, 65536, 2**31 - 1, 2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, 2**63, -2**63 - 1, 10**400, 0.5, -0.0, 1e308]

texts = st.one_of(st.sampled_from(HOSTILE_TEXTS),
                  st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8))
hostile_values = st.one_of(
    st.none(), st.booleans(), st.sampled_from(HOSTILE_NUMBERS), texts, st.just("a\0b"), st.just([]), st.just([None]),
    st.just({}), st.lists(texts, max_size=2), st.dictionaries(texts, texts, max_size=2))


def is_sendable(text):
    """Whether it is UTF-8 without NUL, as texts have to be."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def types_of(schema):
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def merged(schema):
    """The schema with its `allOf` parts in it: as the document uses them, a later one narrows an earlier one."""
    if "allOf" not in schema:
        return schema
    whole = {"type": "object", "properties": {}, "required": []}
    for part in map(merged, schema["allOf"]):
        whole["required"] = [*whole["required"], *part.get("required", [])]
        for name, member in part.get("properties", {}).items():
            earlier = whole["properties"].get(name, {})
            whole["properties"][name] = {**earlier, **member}
    return whole


def allowed_values(schema, name=""):
    """What the schema of the member `name` allows."""
    schema = merged(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([allowed_values(each, name) for each in schema["anyOf"]])
    values = [of_type(kind, schema) for kind in types_of(schema)]
    if name in KNOWN:
        known = st.sampled_from(KNOWN[name])
        values = [known] if name in NO_OTHERS else [known] * 4 + values
    return st.one_of(values)


def of_type(kind, schema):
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind == "string":
        if "pattern" in schema:
            values = st.from_regex(schema["pattern"], fullmatch=True).filter(is_sendable)
            return values.filter(lambda text: len(text) <= schema.get("maxLength", len(text)))
        return texts.filter(lambda text: schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)))
    if kind == "array":
        unique = schema.get("uniqueItems", False)
        return st.lists(allowed_values(schema["items"]), min_size=schema.get("minItems", 0), max_size=3, unique=unique)
    required = set(schema.get("required", []))
    members = {name: allowed_values(member, name) for name, member in schema.get("properties", {}).items()}
    if not members and isinstance(schema.get("additionalProperties"), dict):
        names = allowed_values({"type": "string", **schema.get("propertyNames", {})})
        return st.dictionaries(names, allowed_values(schema["additionalProperties"]), max_size=3)
    return st.fixed_dictionaries({name: member for name, member in members.items() if name in required},
                                 optional={name: member for name, member in members.items() if name not in required})


def places_in(value, path=()):
    """The path of every value within a JSON value, itself first."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places_in(member, (*path, name))


def with_other(value, path, other):
    """A copy that has `other` at a path."""
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = with_other(value[path[0]], path[1:], other)
    return copy


@st.composite
def spoiled_bodies(draw, schema):
    """The bytes of a body that was allowed until something was done to it."""
    value = draw(allowed_values(schema))
    how = draw(st.sampled_from(["value", "value", "value", "drop", "key", "case", "bytes"]))
    if how == "value":
        place = draw(st.sampled_from(list(places_in(value))))
        value = with_other(value, place, draw(hostile_values))
    elif how == "drop" and value:
        value.pop(draw(st.sampled_from(sorted(value))))
    elif how == "key":
        value[draw(texts)] = draw(hostile_values)
    elif how == "case" and value:
        name = draw(st.sampled_from(sorted(value)))
        value[name.upper()] = value.pop(name)
    body = json.dumps(value, ensure_ascii=draw(st.booleans())).encode()
    if how == "bytes":
        spoil = draw(st.sampled_from(BYTES))
        body = spoil(body)
    return body


BYTES = [
    lambda body: b"",
    lambda body: body[:-1],
    lambda body: body + b"x",
    lambda body: body + body,
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body.replace(b'"', b'"\xff', 1),
    lambda body: body.replace(b'"', b'"\\ud800', 1),
    lambda body: body.replace(b'"', b'"\\u0000', 1),
    lambda body: b"[" * 70 + b"]" * 70,
    lambda body: b'{"a":' * 40 + body + b"}" * 40,
    lambda body: b"[" + body + b"]",
    lambda body: b"null",
    lambda body: b'"text"',
    lambda body: b"1e999",
    lambda body: b"{" + b'"x":1,' * 20_000 + body[1:],
]


@functools.lru_cache(maxsize=None)
def bodies(operation):
    """Pairs of a body and whether the document allows it."""
    allowed = allowed_values(operation.body).map(lambda value: (json.dumps(value).encode(), True))
    return st.one_of(allowed, allowed, spoiled_bodies(operation.body).map(lambda body: (body, False)))
