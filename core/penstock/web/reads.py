"""Reading the project: assets, states, lineage, findings. Each answer holds only what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

import msgspec

from penstock.assets import AssetKey, Finding
from penstock.service import explore
from penstock.service.columncounts import column_counts
from penstock.service.completing import completions
from penstock.service.explore import AssetDocument, AssetsDocument
from penstock.service.follow import FORMAT as LINEAGE_FORMAT
from penstock.service.follow import EdgeDocument, LineageDocument
from penstock.service.inspect import StatusDocument
from penstock.service.narrowing import edge_apart, state_apart
from penstock.service.people import Right
from penstock.web import schema
from penstock.web.answers import Stands
from penstock.web.graph import graph_document
from penstock.web.paging import after, link
from penstock.web.routes import Answer, Call, Route
from penstock.web.visible import visible_key

FORMAT = 1


def me(call: Call) -> schema.Me:
    view = call.view
    rights = tuple(
        right.value
        for right in Right
        if right not in (Right.PUBLIC, Right.SESSION) and view.who.may(right, view.environment)
    )
    return schema.Me(user=view.who.user, login=call.gate.login, rights=rights)


def project(call: Call) -> schema.ProjectDocument:
    seen, visible = call.serving.seen(), call.view.visible
    found = call.serving.workspace.project
    return schema.ProjectDocument(
        format=FORMAT,
        name=found.name,
        environment=found.environment,
        version=version("penstock"),
        hash=seen.graph.hash,
        as_of={name: explore.iso(at) for name, at in sorted(seen.taken_at.items())},
        not_refreshed=dict(sorted(seen.stale.items())),
        assets=len(seen.graph.assets) if visible is None else len(visible),
        findings=len(_findings(call)),
        me=me(call),
    )


def assets(call: Call) -> Answer:
    asked = call.asked(schema.SelectedPage)
    seen, view = call.serving.seen(), call.view
    listed = explore.listed(seen.graph, view.chosen(asked.select, asked.exclude))
    begin = after(asked.cursor)
    page = listed[begin : begin + asked.limit]
    shown = view.names(seen.graph, view.visible)
    found = call.serving.workspace.project
    document = explore.assets_document(seen, page, found.name, found.environment)
    if shown is not None:
        document = msgspec.structs.replace(
            document, assets=tuple(_narrowed(one, shown) for one in document.assets)
        )
    more = begin + asked.limit < len(listed)
    return Answer(body=document, headers=link("/api/v1/assets", asked, begin + asked.limit) if more else {})


def _narrowed(asset: AssetDocument, shown: frozenset[str]) -> AssetDocument:
    return msgspec.structs.replace(
        asset,
        upstream=tuple(name for name in asset.upstream if name in shown),
        downstream=tuple(name for name in asset.downstream if name in shown),
    )


def asset(call: Call) -> AssetDocument:
    key = visible_key(call, call.asked(schema.AssetQuery).name)
    seen, found = call.serving.seen(), call.serving.workspace.project
    document = explore.assets_document(seen, [seen.graph.assets[key]], found.name, found.environment)
    shown = call.view.names(seen.graph, call.view.visible)
    return document.assets[0] if shown is None else _narrowed(document.assets[0], shown)


def status(call: Call) -> StatusDocument:
    from penstock.service.inspect import status as read_status

    asked = call.asked(schema.Selected)
    seen = call.serving.seen()
    chosen = call.view.chosen(asked.select, asked.exclude)
    keys = [key for key in seen.graph.order if chosen is None or key in chosen]
    visible = call.view.visible
    found = read_status(call.serving.workspace, seen, keys)
    if visible is None:
        return found
    told = []
    for one in found.assets:
        checks = seen.graph.checks_of.get(AssetKey(one.key.namespace, one.key.name), ())
        told.append(state_apart(one, {check.name for check in checks if call.view.sees(check.key, visible)}))
    return msgspec.structs.replace(found, assets=tuple(told))


def lineage(call: Call) -> LineageDocument:
    from penstock.service import follow
    from penstock.service.assettrail import AssetTrails
    from penstock.service.columns import kept_external

    asked = call.asked(schema.LineageQuery)
    seen, serving = call.serving.seen(), call.serving
    columns = None if seen.graph.names.lookup(asked.of) else serving.columns()
    visible = call.view.visible
    place = follow.find_place(seen.graph, columns, asked.of, visible)
    edges: Iterable[EdgeDocument]
    if place.column is None or columns is None:
        external = columns.external if columns else kept_external(serving.workspace, seen)
        walked = AssetTrails(seen.graph, external, depth=asked.depth)
        edges = walked.edges(place, upstream=asked.upstream, downstream=asked.downstream)
    else:
        trails = follow.ColumnTrails(seen.graph, columns.edges, depth=asked.depth, direct=asked.direct)
        edges = trails.edges(place, upstream=asked.upstream, downstream=asked.downstream)
    shown = call.view.names(seen.graph, visible)
    data = call.view.names(seen.graph, call.view.reach(Right.SEE_DATA))
    return LineageDocument(
        format=LINEAGE_FORMAT,
        asset=follow.name_of(seen.graph, place.asset),
        column=place.column,
        path=place.path or None,
        edges=tuple(edge_apart(edge, shown, data) for edge in edges if _within(edge, shown)),
    )


def _within(edge: EdgeDocument, shown: frozenset[str] | None) -> bool:
    return shown is None or (edge.source_asset in shown and edge.target_asset in shown)


def columns(call: Call) -> schema.ColumnsDocument:
    key = visible_key(call, call.asked(schema.AssetQuery).name)
    graph, known = call.serving.seen().graph, call.serving.columns()
    return schema.ColumnsDocument(format=FORMAT, columns=column_counts(graph, known, key, call.view.visible))


def search(call: Call) -> schema.SearchDocument:
    asked = call.asked(schema.SearchQuery)
    graph, visible = call.serving.seen().graph, call.view.visible
    shown = call.view.names(graph, visible)
    word = asked.text.strip().casefold()
    rows = [row for row in graph.rows if word in row.name.casefold() and (shown is None or row.name in shown)]
    rows.sort(key=lambda row: (not row.name.casefold().startswith(word), len(row.name), row.name))
    hits = [
        schema.SearchHit(name=row.name, kind=row.kind, made_by=row.made_by) for row in rows[: asked.limit]
    ]
    if word and len(hits) < asked.limit:
        hits += _columns(call, word, visible, asked.limit - len(hits))
    return schema.SearchDocument(format=FORMAT, hits=tuple(hits))


def _columns(
    call: Call, word: str, visible: frozenset[AssetKey] | None, limit: int
) -> list[schema.SearchHit]:
    graph = call.serving.seen().graph
    found: list[schema.SearchHit] = []
    for key in graph.order:
        if visible is not None and key not in visible:
            continue
        for column in graph.columns(key):
            if word in column.name.casefold():
                producer = graph.assets[key].producer
                made_by = f"{producer.integration}/{producer.instance}" if producer else ""
                found.append(
                    schema.SearchHit(
                        name=graph.names.shown(key),
                        kind=graph.assets[key].kind.value,
                        made_by=made_by,
                        column=column.name,
                    )
                )
                if len(found) == limit:
                    return found
    return found


def completed(call: Call) -> schema.CompletionsDocument:
    asked = call.asked(schema.SearchQuery)
    words = completions(call.serving.seen().graph, call.view.visible, asked.text.strip(), asked.limit)
    return schema.CompletionsDocument(format=FORMAT, words=words)


def _findings(call: Call) -> list[Finding]:
    visible = call.view.visible
    return [
        one
        for one in call.serving.seen().graph.findings
        if visible is None or (one.asset is not None and one.asset in visible)
    ]


def findings(call: Call) -> schema.FindingsDocument:
    graph = call.serving.seen().graph
    return schema.FindingsDocument(
        format=FORMAT,
        findings=tuple(
            schema.FindingDocument(
                code=one.code,
                message=one.message,
                asset=graph.names.shown(one.asset) if one.asset and one.asset in graph.assets else None,
                hint=one.hint or "",
            )
            for one in _findings(call)
        ),
    )


ROUTES = (
    Route(method="GET", path="/api/v1/me", name="me", about="Who asks, and what they may.",
          right=Right.SESSION, handle=me, answer=schema.Me),
    Route(method="GET", path="/api/v1/project", name="project", about="The project, and how old what is known of it is.",
          right=Right.VIEW, handle=project, answer=schema.ProjectDocument),
    Route(method="GET", path="/api/v1/assets", name="assets", about="The assets of a selection.", right=Right.VIEW,
          handle=assets, query=schema.SelectedPage, answer=AssetsDocument, stands=Stands.SEEN, command="assets"),
    Route(method="GET", path="/api/v1/asset", name="asset", about="One asset by its name.", right=Right.VIEW,
          handle=asset, query=schema.AssetQuery, answer=AssetDocument, stands=Stands.SEEN),
    Route(method="GET", path="/api/v1/status", name="status", about="How each asset was made last.", right=Right.VIEW,
          handle=status, query=schema.Selected, answer=StatusDocument, stands=Stands.HAPPENED, command="status"),
    Route(method="GET", path="/api/v1/graph", name="graph", about="The shown graph with coordinates.", right=Right.VIEW,
          handle=graph_document, query=schema.GraphQuery, answer=schema.GraphDocument, stands=Stands.SEEN),
    Route(method="GET", path="/api/v1/lineage", name="lineage", about="An asset or column followed up and down.",
          right=Right.VIEW, handle=lineage, query=schema.LineageQuery, answer=LineageDocument, command="lineage"),
    Route(method="GET", path="/api/v1/columns", name="columns", about="How many columns each column of an asset is made from, and read by.",
          right=Right.VIEW, handle=columns, query=schema.AssetQuery, answer=schema.ColumnsDocument),
    Route(method="GET", path="/api/v1/search", name="search", about="Assets and columns whose name holds a text.",
          right=Right.VIEW, handle=search, query=schema.SearchQuery, answer=schema.SearchDocument, stands=Stands.SEEN),
    Route(method="GET", path="/api/v1/completions", name="completions", about="What the last word of a selection may go on to.",
          right=Right.VIEW, handle=completed, query=schema.SearchQuery, answer=schema.CompletionsDocument, stands=Stands.SEEN),
    Route(method="GET", path="/api/v1/findings", name="findings", about="What is not right in the project.",
          right=Right.VIEW, handle=findings, answer=schema.FindingsDocument, stands=Stands.SEEN),
)  # fmt: skip
