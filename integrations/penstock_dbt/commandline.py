"""dbt's flags and commands, as penstock's command line offers them. Imports no dbt: it is read before every command."""

from __future__ import annotations

from penstock.commandline import Commandline, Effect, EventForm, Flag, Kind, ProjectFolder, Scope

_LOOK = (
    Flag(
        field="target",
        names=("-t", "--target"),
        kind=Kind.TEXT,
        scope=Scope.LOOK,
        metavar="TARGET",
        help="The dbt target, instead of the profile's default.",
    ),
    Flag(
        field="vars",
        names=("--vars",),
        kind=Kind.MAPPING,
        scope=Scope.LOOK,
        metavar="YAML",
        help="dbt variables, as dbt takes them.",
    ),
    Flag(
        field="profile",
        names=("--profile",),
        kind=Kind.TEXT,
        scope=Scope.LOOK,
        metavar="NAME",
        help="The dbt profile, instead of the project's.",
    ),
    Flag(
        field="profiles_dir",
        names=("--profiles-dir",),
        kind=Kind.FOLDER,
        scope=Scope.LOOK,
        metavar="DIR",
        help="The folder of profiles.yml.",
    ),
)
_STATE = Flag(
    field="state",
    names=("--state",),
    kind=Kind.FOLDER,
    scope=Scope.SELECT,
    metavar="DIR",
    help="dbt: artefacts of another run, for state: and --defer.",
)
_MOMENT = r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{1,2}:\d{1,2})?"
_MOMENTS = "a moment that dbt reads: 2026-01-31 or 2026-01-31T06:00:00"
_RUN = (
    Flag(field="threads", names=("--threads",), kind=Kind.COUNT, help="dbt threads."),
    Flag(
        field="empty",
        names=("--empty",),
        effect=Effect.OTHER_DATA,
        help="dbt: limit refs and sources to zero rows.",
    ),
    Flag(
        field="sample",
        names=("--sample",),
        kind=Kind.TEXT,
        effect=Effect.OTHER_DATA,
        metavar="WINDOW",
        pattern=r"\s*\{[\s\S]*|\s*[+-]?\d[\d_]* (?i:hour|day|month|year)(?i:s)*",
        like="a window: '3 days' (hours, days, months, years), or {start: DATE, end: DATE}",
        help="dbt: run in sample mode.",
    ),
    Flag(
        field="event_time_start",
        names=("--event-time-start",),
        kind=Kind.TEXT,
        effect=Effect.OTHER_DATA,
        metavar="TIME",
        pattern=_MOMENT,
        like=_MOMENTS,
        help="dbt: start of the event time window.",
    ),
    Flag(
        field="event_time_end",
        names=("--event-time-end",),
        kind=Kind.TEXT,
        effect=Effect.OTHER_DATA,
        metavar="TIME",
        pattern=_MOMENT,
        like=_MOMENTS,
        help="dbt: end of the event time window.",
    ),
    Flag(
        field="defer",
        names=("--defer",),
        effect=Effect.OTHER_DATA,
        help="dbt: read what is not selected from --state.",
    ),
    Flag(
        field="clone",
        names=("--clone",),
        effect=Effect.COPIES,
        needs="state",
        help="dbt: clone the relations of --state, instead of building.",
    ),
    Flag(
        field="favor_state",
        names=("--favor-state",),
        effect=Effect.OTHER_DATA,
        help="dbt: prefer the --state relations.",
    ),
    Flag(field="warn_error", names=("--warn-error",), help="dbt: treat warnings as errors."),
)

COMMANDLINE = Commandline(
    title="dbt's flags",
    flags=(*_RUN, *_LOOK, _STATE),
    commands={
        "seed": "run --resource-type seed",
        "snapshot": "run --resource-type snapshot",
        "test": "build --resource-type test --resource-type unit_test",
        "compile": "lineage --check (compiles what has changed)",
        "parse": "refresh",
        "list": "ls",
        "clone": "run --clone --state DIR",
        "source": "status -s resource_type:source",
        "show": "lineage ASSET",
        "docs": "lineage --html FILE",
    },
    resource_types=(
        *(
            "analysis",
            "exposure",
            "function",
            "metric",
            "model",
            "saved_query",
            "seed",
            "semantic_model",
            "snapshot",
        ),
        *("source", "test", "unit_test"),
    ),
    folder=ProjectFolder(file="dbt_project.yml", never_below=("dbt_packages", "dbt_modules")),
    events=EventForm(
        signature="authorization", id_fields=("eventId",), kind_fields=("eventType", "data.runStatus")
    ),
)
