"""What decides a node's content beside its inputs, told from the manifest: settings, file and macros, the values that they read.

Reads no file and asks no warehouse. Whatever cannot be told from the text is said in `open`: the node is then made every time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

import msgspec

from penstock.assets import Recipe
from penstock.system.durations import seconds_of
from penstock_dbt.contracts import bound, contracted
from penstock_dbt.fingerprints import COSMETIC, Macros, checksum_text
from penstock_dbt.hooks import Hooks, Upkeep
from penstock_dbt.plain import laid_out_plainly, metadata_of
from penstock_dbt.repeating import by_kind, incremental
from penstock_manifests.dbt import Macro, Node

# Asked of the warehouse, or of the invocation, while dbt compiles: the SQL may differ although no file does.
_ASKS = re.compile(
    r"\b(run_query|statement|load_result|run_started_at|invocation_id|modules|graph|flags|selected_resources"
    r"|dbt_metadata_envs|dbt_version|get_columns_in_relation|get_columns_in_query|load_relation|load_cached_relation"
    r"|store_result|store_raw_result)\b|\badapter\s*\.\s*(?!dispatch\b|quote\b)(\w+)"
)
_ASKING_MACROS = frozenset(
    [
        "run_query",
        "statement",
        "get_columns_in_relation",
        "get_columns_in_query",
        "get_relations_by_pattern",
        "load_cached_relation",
        "get_catalog",
        "list_relations_without_caching",
        "list_schemas",
        "check_schema_exists",
        "get_relation_last_modified",
    ]
)
_BLOCK = re.compile(r"\{[{%](.*?)(?:[%}]\}|\Z)", re.DOTALL)  # one that is not closed is looked for once
_VAR = re.compile(r"\bvar\b")
_NAMED_VAR = re.compile(r"""\bvar(?:\.has_var)?\s*\(\s*(['"])(.*?)\1""")
_ENV = re.compile(r"\benv_var\b")
_NAMED_ENV = re.compile(r"""\benv_var\s*\(\s*(['"])(.*?)\1""")
_TARGET = re.compile(r"\b(target|schema|database|profile)\b")
_THIS = re.compile(r"\bthis\b")
_FORMS = {"table": "table", "view": "view", "incremental": "incremental"}
_PERIODS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
_MAPPING = msgspec.json.Decoder(dict[str, object])
HOOKED = "its hooks run with every build"


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """The values that templates may read, as digests: vars by name, environment variables by name, the target as a whole."""

    vars: Mapping[str, str]
    every_var: str
    environ: Mapping[str, str]
    target: str
    session: str = ""  # settings of the connection, which shape what any SQL means
    seeds: Mapping[str, str] = {}  # of seeds that dbt takes no checksum of: a digest of the file by unique id


class Uses(msgspec.Struct, frozen=True):
    """What Jinja text reads beside its inputs. `asks`: the word by which it asks the warehouse or the invocation."""

    vars: frozenset[str] = frozenset()
    any_var: bool = False
    env: frozenset[str] = frozenset()
    any_env: bool = False
    target: bool = False
    this: bool = False
    asks: str = ""

    def joined(self, other: Uses) -> Uses:
        return Uses(
            self.vars | other.vars,
            self.any_var or other.any_var,
            self.env | other.env,
            self.any_env or other.any_env,
            self.target or other.target,
            self.this or other.this,
            self.asks or other.asks,
        )


def uses_of(text: str) -> Uses:
    blocks = "\n".join(_BLOCK.findall(text)) if "{" in text else ""
    if not blocks:
        return Uses()
    names = [found[1] for found in _NAMED_VAR.findall(blocks)]
    env = [found[1] for found in _NAMED_ENV.findall(blocks)]
    asked = _ASKS.search(blocks)
    return Uses(
        frozenset(names),
        len(_VAR.findall(blocks)) > len(names),
        frozenset(env),
        len(_ENV.findall(blocks)) > len(env),
        _TARGET.search(blocks) is not None,
        _THIS.search(blocks) is not None,
        asked[0] if asked else "",
    )


# Asked of the catalog, or of the invocation: what comes back does not follow from any table's rows.
_NOT_OF_ROWS = frozenset(
    {"get_columns_in_relation", "load_relation", "load_cached_relation", "run_started_at", "invocation_id", "modules",
     "graph", "flags", "selected_resources", "dbt_metadata_envs", "dbt_version", "get_relation", "type",
     "get_missing_columns", "check_schema_exists"}
)  # fmt: skip


def asks_for_rows(text: str) -> bool:
    """Whether Jinja text asks the warehouse for anything but names of relations and columns."""
    blocks = "\n".join(_BLOCK.findall(text)) if "{" in text else ""
    return any(
        found[2] or found[1] for found in _ASKS.finditer(blocks) if (found[2] or found[1]) not in _NOT_OF_ROWS
    )


class Recipes:
    """The recipes of one manifest's nodes."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        macros: Mapping[str, Macro],
        shipped: frozenset[str],
        values: Values,
        project: str | None,
    ) -> None:
        self._nodes = nodes
        self._macros = Macros(macros, shipped)
        self._shipped = shipped
        self._values = values
        self._of_macro: dict[str, Uses] = {}
        self._of_set: dict[tuple[str, ...], Uses] = {}
        self._texts = macros
        self._overrides = self._digest_overrides(macros)
        self.hooks = Hooks(nodes, macros, self._macros, shipped, project)

    @property
    def overrides(self) -> str:
        return self._overrides

    @property
    def session(self) -> str:
        return self._values.session

    def text_of(self, node: Node, *, plainly: bool = False) -> tuple[Uses, str, dict[str, str]]:
        """What its text reads beside its inputs, the digest of the text with all that it uses, and that by name. `plainly`: of SQL what
        is laid out or remarked otherwise is the same text."""
        parts: dict[str, str] = {}
        uses, template = self._text(node, set(), parts, plainly)
        return uses, template, parts

    def of(self, node: Node, *, plainly: bool = False) -> Recipe:
        config = _MAPPING.decode(node.config)
        hooked = self.hooks.upkeep(node)
        settings, written = self._settings(node, config, hooked)
        uses, template, parts = self.text_of(node, plainly=plainly)
        form = _form(node, config)
        return Recipe(
            form=form,
            settings=settings,
            template=template,
            context=self.context(uses.joined(_uses_of_hooks(hooked))),
            open=self._open(node, config, form, uses) or ("" if hooked else HOOKED) or self.hooks.of(node),
            unsettled=self.hooks.unsettled(node),
            max_lag=max_lag(config),
            parts=parts | self._named_settings(config, written),
            deterministic=node.language == "python",
            keeps=config.get("full_refresh") is False,
            bound=bound(node, config),
            metadata={name: digest_of(value) for name, value in metadata_of(node, config).items()},
        )

    def _open(self, node: Node, config: Mapping[str, object], form: str, uses: Uses) -> str:
        """Why the same text may make other data of the same inputs; "" when it does not."""
        if why := by_kind(node, config, form, seed_known=node.unique_id in self._values.seeds):
            return why
        if node.resource_type == "seed" or node.language == "python":
            return incremental(node, config) if form == "incremental" else ""
        if uses.asks:
            return f"its SQL depends on what dbt finds while it compiles ({uses.asks})"
        if uses.any_env:
            return "it reads an environment variable whose name is computed"
        if form in ("table", "view") and uses.this:
            return "it reads itself"
        return incremental(node, config, reads_itself=uses.this) if form == "incremental" else ""

    def _named_settings(self, config: Mapping[str, object], written: Mapping[str, object]) -> dict[str, str]:
        names = {name for name in written if name not in COSMETIC} | {"materialized"}
        found = {
            f"configuration {name}": digest_of(config.get(name, written.get(name))) for name in sorted(names)
        }
        return found | (
            {"configuration of hooks in packages": self.hooks.untold} if self.hooks.untold else {}
        )

    def _text(self, node: Node, seen: set[str], parts: dict[str, str], plainly: bool) -> tuple[Uses, str]:
        """What a node's own text and the ephemeral models inside it read; and their digest. `parts` are added to by name."""
        seen.add(node.unique_id)
        digest = hashlib.blake2b(digest_size=10)
        raw = msgspec.json.decode(node.raw_code) if len(node.raw_code) > 2 else ""
        uses = uses_of(raw or "").joined(self._of_macros(node.depends_on.macros))
        text = self._values.seeds.get(node.unique_id) or checksum_text(node.checksum) or raw or ""
        twice = b'"incremental"' in bytes(node.config)
        if raw and node.language != "python" and (plainly or twice) and node.resource_type != "seed":
            text = digest_of(laid_out_plainly(raw))  # it compiles to two texts: one is known at a time
        parts["its file" if len(seen) == 1 else f"{node.name} (ephemeral)"] = digest_of(text)
        parts |= self._macros.named(node.depends_on.macros, node.package_name)
        digest.update(f"{text}\0{self._macros.digest(node.depends_on.macros)}".encode())
        for parent in node.depends_on.nodes:
            inside = self._nodes.get(parent)
            if inside is None or parent in seen or not _is_ephemeral(inside):
                continue
            more, part = self._text(inside, seen, parts, plainly)
            uses = uses.joined(more)
            digest.update(f"\0{parent}\0{part}".encode())
        return uses, digest.hexdigest()

    def _of_macros(self, used: tuple[str, ...]) -> Uses:
        known = self._of_set.get(used)
        if known is None:
            known = Uses()
            for name in sorted(self._macros.reached(used)):
                known = known.joined(self._of_one(name))
            self._of_set[used] = known
        return known

    def _of_one(self, name: str) -> Uses:
        known = self._of_macro.get(name)
        if known is None:
            package, _, plain = name.removeprefix("macro.").partition(".")
            macro = self._texts.get(name)
            if package in self._shipped:
                known = Uses(asks=plain if plain.split("__")[-1] in _ASKING_MACROS else "")
            elif macro is None or len(macro.macro_sql) <= 2:
                known = Uses()
            else:
                known = uses_of(msgspec.json.decode(macro.macro_sql) or "")
            self._of_macro[name] = known
        return known

    def context(self, uses: Uses) -> dict[str, str]:
        values = self._values
        found = {f"var {name}": values.vars.get(name, "unset") for name in sorted(uses.vars)}
        if uses.any_var:
            found["vars"] = values.every_var
        found |= {
            f"environment variable {name}": digest_of(values.environ.get(name)) for name in sorted(uses.env)
        }
        if uses.target:
            found["target"] = values.target
        return found

    def _settings(
        self, node: Node, config: dict[str, object], hooked: Upkeep | None
    ) -> tuple[str, dict[str, object]]:
        written = _MAPPING.decode(node.unrendered_config) if len(node.unrendered_config) > 2 else {}
        shaping = {name: config.get(name, value) for name, value in written.items() if name not in COSMETIC}
        hooks = [config.get("pre-hook"), config.get("post-hook")]
        parts: list[object] = [
            shaping,
            config.get("materialized"),
            hooks,
            self._overrides,
            self._values.session,
        ]
        if hooked is not None and hooked.macros:
            parts.append(self._macros.digest(hooked.macros))
        if self.hooks.untold:
            parts.append(self.hooks.untold)
        parts += contracted(node, config)
        if "persist_docs" in written:
            parts += [node.description, [(one.name, one.description) for one in node.columns.values()]]
        text = msgspec.json.encode(parts, order="deterministic")
        return hashlib.blake2b(text, digest_size=10).hexdigest(), written

    def _digest_overrides(self, macros: Mapping[str, Macro]) -> str:
        """Of the project's own macros that stand in for those of dbt: they shape every node, and no node names them."""
        own = {name: name.removeprefix("macro.").split(".", 1) for name in macros}
        theirs = {plain for package, plain in own.values() if package in self._shipped}
        standing_in = [
            name
            for name, (package, plain) in own.items()
            if package not in self._shipped and (plain in theirs or plain.startswith("materialization_"))
        ]
        return self._macros.digest(tuple(sorted(standing_in)))


def _uses_of_hooks(hooked: Upkeep | None) -> Uses:
    """Their values alone: what they say of `this` is no reading of rows."""
    if hooked is None or not hooked.text:
        return Uses()
    return msgspec.structs.replace(uses_of(hooked.text), this=False, asks="")


def values_of(
    variables: Iterable[Mapping[str, object]],
    environ: Mapping[str, str],
    target: object,
    session: object,
    others: bytes,
) -> Values:
    """`variables` are the `vars` of dbt_project.yml and the like, `others` whatever else may set one. Values are kept as digests."""
    known: dict[str, list[object]] = {}
    for several in variables:
        for name, value in several.items():
            known.setdefault(str(name), []).append(value)
            if isinstance(value, dict):  # of one package
                for inner, one in value.items():
                    known.setdefault(str(inner), []).append((name, one))
    digests = {name: digest_of([values, others.hex()]) for name, values in known.items()}
    return Values(
        vars=digests,
        every_var=digest_of([known, others.hex()]),
        environ=environ,
        target=digest_of(target),
        session=digest_of(session),
    )


def digest_of(value: object) -> str:
    if value is None:
        return "unset"
    text = msgspec.json.encode(value, order="deterministic", enc_hook=str)
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def max_lag(config: Mapping[str, object]) -> float | None:
    """`state.lag_tolerance` ("45m"; 0 where it cannot be read), or `freshness.build_after` ({count: 4, period: hour}); None when neither is said."""
    state, freshness = config.get("state"), config.get("freshness")
    tolerance = state.get("lag_tolerance") if isinstance(state, dict) else None
    if tolerance is not None:
        return seconds_of(str(tolerance)) or 0.0
    after = freshness.get("build_after") if isinstance(freshness, dict) else None
    if not isinstance(after, dict) or not isinstance(after.get("count"), int):
        return None
    unit = _PERIODS.get(str(after.get("period")))
    return after["count"] * unit if unit is not None else None


def _is_ephemeral(node: Node) -> bool:
    return node.resource_type == "model" and _MAPPING.decode(node.config).get("materialized") == "ephemeral"


def _form(node: Node, config: Mapping[str, object]) -> str:
    if node.resource_type in ("seed", "snapshot"):
        return node.resource_type
    materialized = str(config.get("materialized"))
    return _FORMS.get(materialized, materialized)
