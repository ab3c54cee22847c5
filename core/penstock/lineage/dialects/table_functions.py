"""Well-known table functions: the columns they give, the files they read, the elements they take apart. Facts in tables."""

from __future__ import annotations

# Functions that run a query which is written as a text.
READ_QUERY_TEXTS = (
    "query",
    "openquery",
    "openrowset",
    "crosstab",
    "dblink",
    "external_query",
    "postgres_query",
    "mysql_query",
    "sqlite_query",
)
FLATTEN = ("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS")
COLUMNS: dict[str, tuple[str, ...]] = {
    "json_each": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "json_tree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "jsonb_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "jsonb_array_elements": ("value",),
    "json_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_object_keys": ("jsonb_object_keys",),
    "json_object_keys": ("json_object_keys",),
    "regexp_split_to_table": ("regexp_split_to_table",),
    "string_to_table": ("string_to_table",),
    "string_split": ("value", "ordinal"),
    "split_to_table": ("SEQ", "INDEX", "VALUE"),
    "strtok_split_to_table": ("SEQ", "INDEX", "VALUE"),
    "range": ("range",),
    "generate_series": ("generate_series",),
    "sequence": ("sequential_number",),
    "numbers": ("number",),
}
FILE_READERS = frozenset(
    {
        "openrowset",
        "read_csv",
        "read_csv_auto",
        "read_parquet",
        "parquet_scan",
        "read_json",
        "read_json_auto",
        "readcsv",
        "readparquet",
        "read_files",
        "read_ndjson",
        "read_ndjson_auto",
        "read_json_objects",
        "read_text",
        "read_blob",
        "read_xlsx",
        "iceberg_scan",
        "delta_scan",
        "cloud_files",
    }
)
# On a cluster, which stands first: `s3Cluster('c', 'https://...')`.
CLUSTER_READERS = frozenset(
    {"s3cluster", "urlcluster", "hdfscluster", "filecluster", "deltalakecluster", "icebergcluster"}
)
CLICKHOUSE_READERS = CLUSTER_READERS | {
    "s3",
    "gcs",
    "oss",
    "cosn",
    "url",
    "file",
    "hdfs",
    "deltalake",
    "iceberg",
    "icebergs3",
    "hudi",
}


# Functions that give the elements or the fields of their first argument.
ELEMENTS = frozenset(
    [
        "jsonb_array_elements",
        "json_array_elements",
        "jsonb_array_elements_text",
        "json_array_elements_text",
        "json_each",
        "jsonb_each",
        "json_each_text",
        "jsonb_each_text",
        "json_tree",
        "jsonb_to_recordset",
        "json_to_recordset",
        "jsonb_to_record",
        "json_to_record",
        "jsonb_populate_recordset",
        "json_populate_recordset",
        "json_tuple",
        "nodes",
    ]
)
# Functions that sqlglot has no class for, and that turn one row into many where a select list calls them.
MULTIPLYING = frozenset(
    [
        "generate_subscripts",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "json_populate_recordset",
        "json_to_recordset",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "jsonb_path_query",
        "jsonb_populate_recordset",
        "jsonb_to_recordset",
        "regexp_split_to_table",
        "string_to_table",
    ]
)
RECORDS = frozenset(["jsonb_to_recordset", "json_to_recordset", "jsonb_to_record", "json_to_record"])
