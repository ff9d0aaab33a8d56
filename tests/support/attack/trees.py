"""Damage to JSON that knows what JSON is."""

import json
import random
from collections.abc import Callable
from typing import Any

from support.attack.inputs import Attack, Seed
from support.attack.values import nasty

_RAW = (
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E999999", "0" * 50, "1" * 5_000, "-0", "01", "+1", ".5", "1.",
    "null", "true", '"\\ud800"', '"\\udc00x"', '"\\u0000"', '"\\u202e"', '"\\u001b[31m"', "[]", "{}", "[[[[1]]]]",
    '{"a": {"b": [1, {"c": null}]}}', '["a", null, true, 1.50]', '"' + "x" * 100_000 + '"', "'x'", "undefined", "0x1F",
    '"2026-03-02T00:00:00+00:00"', "[" * 900 + "]" * 900, "[" * 100_000, '{"a":' * 50_000, "[" * 1_000_000,
    "[" * 60_000 + "]" * 60_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "1e-400", '"\x01"', '"\t"', '"a\nb"', "",
)  # fmt: skip
_KEYS = (
    "",
    "#row",
    "#line",
    " ",
    "a\u202eb",
    "a\x1b[31m",
    "\ud800",
    "a\0b",
    ".",
    "a.b",
    "x" * 9_000,
    "City",
    "city",
    "visits",
)


def raw_value(seed: Seed, chance: random.Random) -> Attack:
    """A value in a record is written as no exporter writes it."""
    tree, places = _parsed(seed)
    node, key = chance.choice(places)
    node[key] = "@@HERE@@"
    return Attack(
        seed, "raw_value", _written(seed, tree).replace('"@@HERE@@"', chance.choice(_RAW), 1).encode("utf-8", "replace")
    )


def odd_text(seed: Seed, chance: random.Random) -> Attack:
    """A value is an odd text."""
    tree, places = _parsed(seed)
    node, key = chance.choice(places)
    node[key] = nasty(chance)
    return Attack(seed, "odd_text", _written(seed, tree).encode())


def odd_key(seed: Seed, chance: random.Random) -> Attack:
    """A key is doubled, odd, or where none should be."""
    tree, places = _parsed(seed)
    node, key = chance.choice(places)
    if isinstance(node, dict):
        node[chance.choice(_KEYS)] = node.pop(key) if chance.random() < 0.5 else "x"
    text = _written(seed, tree)
    if chance.random() < 0.2:
        text = text.replace('": ', '": 1, "City": ', 1)
    return Attack(seed, "odd_key", text.encode())


_SHAPES: tuple[Callable[[str], str], ...] = (
    lambda text: f"[{text}]",
    lambda text: text + text,
    lambda text: f"// x\n{text}",
    lambda text: text.replace("[", "{", 1),
    lambda text: text.replace(": [", ': null, "x": [', 1),
    lambda text: text.replace("{", "[", 1),
    lambda text: text.replace("\n", "\r"),
    lambda text: text.replace("\n", "\u2028"),
    lambda text: text.replace('"', "'"),
    lambda text: text.replace("}", ",}", 1),
    lambda text: text.replace(",", ",\x0b"),
    lambda text: "\ufeff\ufeff" + text,
    lambda text: text + "\x00",
    lambda text: text + "\x1a",
    lambda text: f"var x = {text};",
)
_WHOLES = (
    "null", "[]", '"x"', "[1, 2]", '{"visits": {"a": 1}}', '{"visits": "x"}', "[" * 100_000, '{"visits": ' * 20_000,
)  # fmt: skip


def odd_shape(seed: Seed, chance: random.Random) -> Attack:
    """The whole is wrapped, doubled, commented, or made of other kinds."""
    text = seed.content.decode()
    made = chance.choice(_SHAPES)(text) if chance.random() < 0.7 else chance.choice(_WHOLES)
    return Attack(seed, "odd_shape", made.encode())


def _parsed(seed: Seed) -> tuple[Any, list[tuple[Any, Any]]]:
    """The content, and every place in it that holds a plain value."""
    text = seed.content.decode("utf-8-sig")
    tree = (
        [json.loads(line) for line in text.splitlines() if line.strip()] if seed.ending == "jsonl" else json.loads(text)
    )
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            if isinstance(node[key], dict | list) and node[key]:
                walk(node[key])
            else:
                places.append((node, key))

    walk(tree)
    return tree, places


def _written(seed: Seed, tree: Any) -> str:
    if seed.ending == "jsonl":
        return "".join(json.dumps(record) + "\n" for record in tree)
    return json.dumps(tree, indent=1)


TREES: dict[str, Callable[[Seed, random.Random], Attack]] = {
    "raw_value": raw_value,
    "odd_text": odd_text,
    "odd_key": odd_key,
    "odd_shape": odd_shape,
}
