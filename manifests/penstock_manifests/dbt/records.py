"""The resources of a dbt manifest, each with the fields that its readers need. One record serves v7 to v12: what a version
does not have stays at its default; where versions differ in shape, both shapes are allowed. Annotations are no texts here: each would be
compiled before the first document is read."""

import msgspec

EMPTY = msgspec.Raw(b"{}")
NULL = msgspec.Raw(b"null")  # msgspec knows no `Raw | None`


class DependsOn(msgspec.Struct, frozen=True, gc=False):
    nodes: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()


NOTHING = DependsOn()


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """`name` is the method (sha256, path for large seeds, none)."""

    name: str | None = None
    checksum: str | None = None


class ManifestColumn(msgspec.Struct, frozen=True, gc=False):
    """A column as the project's YAML describes it."""

    name: str
    description: str | None = None
    data_type: str | None = None
    constraints: tuple[msgspec.Raw, ...] | None = ()


class TestMetadata(msgspec.Struct, frozen=True, gc=False):
    """Which generic test; `kwargs` is its arguments' JSON text."""

    name: str
    namespace: str | None = None
    kwargs: msgspec.Raw = EMPTY


class Resource(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What every resource of a manifest has. `original_file_path` is relative to the package."""

    unique_id: str
    name: str
    resource_type: str = ""
    package_name: str = ""
    original_file_path: str | None = None
    fqn: tuple[str, ...] = ()
    description: str | None = None
    tags: tuple[str, ...] | str | None = None
    config: msgspec.Raw = EMPTY


class Node(Resource, frozen=True, gc=False, kw_only=True):
    """An entry of `nodes` or `functions`: model, seed, snapshot, data test, analysis, operation, function, or a type that is
    not known here. `raw_code` is its text before dbt has read it, as a JSON string; compiled SQL is in `compiled`."""

    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    relation_name: str | None = None
    checksum: Checksum | str | None = None
    columns: dict[str, ManifestColumn] = {}
    depends_on: DependsOn = NOTHING
    group: str | None = None
    access: str | None = None
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    deprecation_date: str | None = None
    language: str | None = None
    patch_path: str | None = None
    column_name: str | None = None
    attached_node: str | None = None
    test_metadata: TestMetadata | None = None
    index: int | None = None
    constraints: tuple[msgspec.Raw, ...] | None = ()
    raw_code: msgspec.Raw = NULL
    unrendered_config: msgspec.Raw = EMPTY


class Source(Resource, frozen=True, gc=False, kw_only=True):
    source_name: str
    identifier: str | None = None
    database: str | None = None
    schema: str | None = None
    relation_name: str | None = None
    source_description: str | None = None
    loader: str | None = None
    columns: dict[str, ManifestColumn] = {}
    freshness: msgspec.Raw = NULL
    loaded_at_field: str | None = None
    loaded_at_query: str | None = None
    patch_path: str | None = None


class Owner(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    email: str | tuple[str, ...] | None = None


class Exposure(Resource, frozen=True, gc=False, kw_only=True):
    type: str | None = None
    owner: Owner | None = None
    label: str | None = None
    maturity: str | None = None
    url: str | None = None
    depends_on: DependsOn = NOTHING


class Metric(Resource, frozen=True, gc=False, kw_only=True):
    """`type_params` and `filter` are JSON text: the formula in MetricFlow's own words."""

    label: str | None = None
    type: str | None = None
    type_params: msgspec.Raw = EMPTY
    filter: msgspec.Raw = NULL
    group: str | None = None
    depends_on: DependsOn = NOTHING


class NodeRelation(msgspec.Struct, frozen=True, gc=False):
    alias: str | None = None
    schema_name: str | None = None
    database: str | None = None
    relation_name: str | None = None


class SemanticPart(msgspec.Struct, frozen=True, gc=False):
    """An entity, dimension or measure of a semantic model. `expr` is SQL, None when it is the column of that name."""

    name: str
    type: str | None = None
    agg: str | None = None
    expr: str | int | float | bool | None = None
    description: str | None = None


class SemanticModel(Resource, frozen=True, gc=False, kw_only=True):
    model: str | None = None
    label: str | None = None
    node_relation: NodeRelation | None = None
    entities: tuple[SemanticPart, ...] = ()
    dimensions: tuple[SemanticPart, ...] = ()
    measures: tuple[SemanticPart, ...] = ()
    group: str | None = None
    depends_on: DependsOn = NOTHING


class SavedQuery(Resource, frozen=True, gc=False, kw_only=True):
    label: str | None = None
    group: str | None = None
    depends_on: DependsOn = NOTHING


class Fixture(msgspec.Struct, frozen=True, gc=False):
    """Rows of an input, or those that are expected: written as dict or csv, or given by `sql`. `rows` as JSON, not decoded."""

    format: str | None = None
    rows: msgspec.Raw = NULL


class UnitTest(Resource, frozen=True, gc=False, kw_only=True):
    """`model` is the name of the tested model; `depends_on` its id (and, from 1.9 on, those of the inputs)."""

    model: str
    checksum: Checksum | str | None = None
    version: str | int | float | None = None
    depends_on: DependsOn = NOTHING
    given: tuple[Fixture, ...] = ()
    expect: Fixture | None = None
    overrides: msgspec.Raw = NULL


class Group(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    unique_id: str
    name: str
    package_name: str = ""
    owner: Owner | None = None
    description: str | None = None
    original_file_path: str | None = None


class Macro(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """`macro_sql` is its text as a JSON string, not decoded: it is compared, never read."""

    name: str
    macro_sql: msgspec.Raw = NULL
    depends_on: DependsOn = NOTHING


class Disabled(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    unique_id: str
    resource_type: str = ""
    name: str = ""
    original_file_path: str | None = None


class UnknownResource(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An entry of a section that is not known here, with what nearly all resources have."""

    unique_id: str
    resource_type: str = ""
    name: str = ""
    package_name: str = ""
    original_file_path: str | None = None
    fqn: tuple[str, ...] = ()
    description: str | None = None
    depends_on: DependsOn = NOTHING
