"""Random selections in dbt's grammar over what a manifest holds. Seeded: the same manifest gives the same selections."""

from __future__ import annotations

import random
from pathlib import PurePosixPath
from typing import Any

_SECTIONS = ("exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "functions")
_NAMED = ("exposure", "metric", "semantic_model", "saved_query", "unit_test")
_FIXED = (
    "test_type:generic", "test_type:singular", "test_type:unit", "test_type:data", "test_type:schema",
    "version:latest", "version:old", "version:prerelease", "version:none",
    "access:public", "access:protected", "access:private",
    "resource_type:model", "resource_type:source", "resource_type:test", "resource_type:seed",
    "resource_type:unit_test", "resource_type:exposure", "resource_type:analysis", "resource_type:function",
    "resource_type:snapshot", "resource_type:metric", "resource_type:operation",
    "config.severity:WARN", "config.severity:error", "config.enabled:true", "config.enabled:FALSE",
    "config.contract.enforced:false", "config.docs.show:True", "package:this", "source:*", "fqn:*", "*",
    "path:*", "path:models", "path:models/*", "path:**/*.sql", "path:models/**/", "path:./models/",
    "config.materialized", "tag:nothing_has_it", "fqn:nothing_here", "tag:nothing*", "nothing/here.sql", "nothing.sql",
)  # fmt: skip


class Terms:
    """Draws terms, words and whole selections."""

    def __init__(self, manifest: dict[str, Any], seed: int) -> None:
        self._draw = random.Random(seed)
        self._nodes = [node for node in manifest["nodes"].values() if node["resource_type"] != "operation"]
        self._others = [node for section in _SECTIONS for node in manifest.get(section, {}).values()]
        self._sources = list(manifest["sources"].values())
        self._all = [*self._nodes, *self._others, *self._sources]
        self._tags = sorted({tag for node in self._all for tag in _tags(node)})
        self._settings = sorted({text for node in self._nodes for text in _settings(node["config"])})

    def request(self) -> dict[str, Any]:
        draw = self._draw
        return {
            "select": [self._word() for _ in range(draw.choice((0, 1, 1, 1, 2, 3)))],
            "exclude": [self._word() for _ in range(draw.choice((0, 0, 1, 2)))],
            "indirect": draw.choice(("eager", "eager", "cautious", "buildable", "empty")),
        }

    def _word(self) -> str:
        return ",".join(self._term() for _ in range(self._draw.choice((1, 1, 1, 2, 2, 3))))

    def _term(self) -> str:
        draw = self._draw
        before = draw.choice(("", "", "", "+", "1+", "2+", "@"))
        after = draw.choice(("", "", "", "+", "+1", "+2"))
        if before == "@" and draw.random() < 0.9:
            after = ""
        return f"{before}{self._value()}{after}"

    def _value(self) -> str:
        draw = self._draw
        if draw.random() < 0.15:
            return draw.choice(_FIXED)
        kinds = (self._name, self._name, self._fqn, self._fqn, self._path, self._file, self._tag)
        more = (self._source, self._config, self._package, self._group, self._test, self._resource)
        return draw.choice((*kinds, *more))()

    def _name(self) -> str:
        node = self._draw.choice([*self._nodes, *self._others])
        name: str = node["name"]
        if node.get("version") is not None:
            name = self._draw.choice((name, f"{name}.v{node['version']}", f"{name}_v{node['version']}"))
        return self._draw.choice((name, f"fqn:{name}", self._wild(name)))

    def _fqn(self) -> str:
        fqn = self._draw.choice([*self._nodes, *self._others])["fqn"]
        parts = fqn[self._draw.randrange(2) : self._draw.randint(1, len(fqn))] or fqn
        return self._draw.choice((".".join(parts), self._wild(".".join(parts)), ".".join([*parts, "*"])))

    def _path(self) -> str:
        path = PurePosixPath(self._draw.choice(self._all)["original_file_path"])
        chosen = str(self._draw.choice((path, *list(path.parents)[:-1])))
        return self._draw.choice(
            (f"path:{chosen}", chosen if "/" in chosen else f"path:{chosen}", f"path:{chosen}*")
        )

    def _file(self) -> str:
        path = PurePosixPath(self._draw.choice(self._all)["original_file_path"])
        bare = path.name if path.suffix in (".sql", ".py", ".csv") else f"file:{path.name}"
        return self._draw.choice((bare, f"file:{path.stem}", f"file:{self._wild(path.stem)}"))

    def _tag(self) -> str:
        return f"tag:{self._wild_or_not(self._draw.choice(self._tags or ['none']))}"

    def _source(self) -> str:
        if not self._sources:
            return "source:*"
        source = self._draw.choice(self._sources)
        names = [source["package_name"], source["source_name"], source["name"]]
        parts = self._draw.choice((names, names[1:], names[1:2]))
        return "source:" + ".".join(self._wild_or_not(part) for part in parts)

    def _config(self) -> str:
        return f"config.{self._draw.choice(self._settings)}"

    def _package(self) -> str:
        return f"package:{self._wild_or_not(self._draw.choice(self._all)['package_name'])}"

    def _group(self) -> str:
        groups = sorted({node["config"].get("group") or "none" for node in self._nodes})
        return f"group:{self._wild_or_not(self._draw.choice(groups))}"

    def _test(self) -> str:
        names = sorted(
            {(node.get("test_metadata") or {}).get("name") or node["name"] for node in self._nodes}
        )
        return f"test_name:{self._wild_or_not(self._draw.choice(names))}"

    def _resource(self) -> str:
        kind = self._draw.choice(_NAMED)
        found = [node for node in self._others if node["resource_type"] == kind]
        if not found:
            return f"{kind}:*"
        node = self._draw.choice(found)
        name = self._wild_or_not(node["name"])
        package = self._draw.choice(("", f"{node['package_name']}."))
        return f"{kind}:{package}{name}"

    def _wild_or_not(self, name: str) -> str:
        return self._wild(name) if self._draw.random() < 0.4 else name

    def _wild(self, name: str) -> str:
        """The name with a part of it behind a wildcard."""
        at = self._draw.randrange(len(name) + 1)
        return self._draw.choice(
            (name[:at] + "*", "*" + name[at:], name[:at] + "?" + name[at + 1 :], f"[{name[0]}xyz]{name[1:]}")
        )


def _tags(node: dict[str, Any]) -> list[str]:
    tags = node.get("tags") or node["config"].get("tags") or []
    return [tags] if isinstance(tags, str) else tags


def _settings(config: dict[str, Any], above: str = "") -> list[str]:
    """`path:value` of every plain setting, and of every element of a list."""
    found = []
    for key, value in config.items():
        if not key.isidentifier():
            continue
        if isinstance(value, dict):
            found += _settings(value, f"{above}{key}.")
            continue
        for one in value if isinstance(value, list) else [value]:
            text = str(one)
            if isinstance(one, str | int | float) and text and not set(text) & set(" ,+:\n\t"):
                found.append(f"{above}{key}:{text}")
    return found
