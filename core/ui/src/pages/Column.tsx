/** One column: the path from the field of an API to the dashboard, each hop with its type and expression. */
import { useMemo } from "react";
import { useAsk } from "../api/client";
import type { AssetDocument, EdgeDocument, LineageDocument, SqlDocument } from "../api/types";
import { kindOf } from "../graph/columnPath";
import { plural, quoted } from "../parts/format";
import { Icon, kindIcon } from "../parts/Icon";
import { Command, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { State } from "../parts/State";
import { stateOf, useProject } from "../project";
import { refine, to, type Place } from "../route";
import { Sql } from "./AssetSql";

export interface Hop {
  asset: string;
  column: string | null;
  edge: EdgeDocument | null; // the edge that leads to it from the hop before
}

/** The longest chain of value edges through the column: the furthest source first, then down to the furthest use. */
export function spine(told: LineageDocument): Hop[] {
  const direct = told.edges.filter((edge) => kindOf(edge) !== "indirect" && edge.source_column !== null);
  const id = (asset: string, column: string | null) => `${asset}\u0000${column ?? ""}`;
  const walk = (from: string, next: (edge: EdgeDocument) => [string, string], seen: Set<string>): EdgeDocument[] => {
    let best: EdgeDocument[] = [];
    for (const edge of direct) {
      const [here, there] = next(edge);
      if (here !== from || seen.has(there) || seen.size > 60) continue;
      const chain = [edge, ...walk(there, next, new Set([...seen, there]))];
      if (chain.length > best.length) best = chain;
    }
    return best;
  };
  const start = id(told.asset, told.column);
  const source = (edge: EdgeDocument) => id(edge.source_asset, edge.source_column);
  const target = (edge: EdgeDocument) => id(edge.target_asset, edge.target_column);
  const up = walk(start, (edge) => [target(edge), source(edge)], new Set([start])).reverse();
  const down = walk(start, (edge) => [source(edge), target(edge)], new Set([start]));
  const first: Hop = up[0] ? { asset: up[0].source_asset, column: up[0].source_column, edge: null } : { asset: told.asset, column: told.column, edge: null };
  return [first, ...[...up, ...down].map((edge) => ({ asset: edge.target_asset, column: edge.target_column, edge }))];
}

export const EDGES = [["direct", "Direct"], ["indirect", "Indirect"], ["both", "Both"]] as const;
export type Edged = (typeof EDGES)[number][0];

/** Which edges an address asks for. */
export const edged = (place: Place): Edged => EDGES.find(([one]) => one === place.query.get("edges"))?.[0] ?? "both";
export const kept = (edge: EdgeDocument, which: Edged): boolean => which === "both" || (kindOf(edge) === "indirect") === (which === "indirect");

export function Column({ of, place }: { of: string; place: Place }) {
  const which = edged(place);
  const known = useProject();
  const asked = useAsk<LineageDocument>("lineage", { of, direct: false });
  const told = asked.data;
  const asset = useAsk<AssetDocument>(told ? "asset" : null, { name: told?.asset ?? "" });
  const sees = known.project.me.rights.includes("see_data");
  const sql = useAsk<SqlDocument>(told && sees ? "sql" : null, { name: told?.asset ?? "" });
  const hops = useMemo(() => (told ? spine(told) : []), [told]);
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  if (!told) return <div className="page"><Loading /></div>;
  const column = asset.data?.columns.find((one) => one.name === told.column);
  const state = known.status.get(told.asset);
  const checks = asset.data?.checks.filter((check) => check.column?.toLowerCase() === told.column?.toLowerCase()).map((check) => check.name) ?? [];
  const passed = state?.checks.filter((one) => checks.includes(one.name) && ["pass", "success"].includes(one.outcome)).length ?? 0;
  const above = new Set(told.edges.filter((edge) => edge.direction === "upstream" && edge.source_column !== null).map((edge) => `${edge.source_asset}.${edge.source_column}`)).size;
  const used = told.edges.filter((edge) => edge.direction === "downstream" && edge.distance === 1 && kept(edge, which));
  const onPath = new Set(hops.map((hop) => hop.edge));
  const others = told.edges.filter((edge) => edge.direction === "upstream" && !onPath.has(edge) && kept(edge, which));
  return (
    <div className="page">
      <div className="small soft crumbs"><span>{known.project.environment}</span>{asset.data?.path && <span className="only-wide">{asset.data.path.split("/").slice(1, -1).join("/")}</span>}<a className="ink" href={to("asset", told.asset)}>{told.asset}</a></div>
      <div className="head">
        <h1><span className="muted">{told.asset}.</span>{told.column}</h1>
        {column?.type && <span className="tag mono">{column.type}</span>}
        <State state={stateOf(state)} pill />
        <div className="end">
          <Segments label="Which edges" options={EDGES} value={which} choose={(edges) => refine(place, { edges })} />
          <a className="button" href={to("graph", "", { column: of, edges: which === "both" ? undefined : which })}><Icon name="graph" size={14} />Show in graph</a>
        </div>
      </div>
      <div className="head small soft">
        <span>{column?.description || "No description."}</span>
        <span>Tests {checks.length ? <State state={passed === checks.length ? "pass" : "pending"} words={`${passed} of ${checks.length} passed`} /> : <b>none</b>}</span>
        <span>Upstream <b>{plural(above, "column")}</b></span>
        <span>Used by <b>{plural(used.length, "column")}</b></span>
      </div>
      <div className="grid">
        <div className="span-8"><Path hops={hops} told={told} which={which} /></div>
        <div className="span-4 stack">
          {sees && <Sql asked={sql} column={told.column} />}
          <Edges title="Other inputs" edges={others} end="source" none="Every input is on the path." />
          <Edges title="Used by" edges={used} end="target" none="No column that is known reads it." />
          <Panel title="Command"><div className="body"><Command line={`penstock lineage ${quoted(of)}`} /></div></Panel>
        </div>
      </div>
    </div>
  );
}

function Path({ hops, told, which }: { hops: Hop[]; told: LineageDocument; which: Edged }) {
  if (!told.edges.length) {
    return <Panel title="Path"><Empty title="Nothing leads here or away" command={`penstock lineage ${quoted(told.asset)} --check`}>The SQL of the models around it names no edge of this column, or could not be followed.</Empty></Panel>;
  }
  const indirect = told.edges.filter((edge) => kindOf(edge) === "indirect").length;
  return (
    <Panel title="Path" note="from the first field to the last use" end={<span className="muted small">{plural(hops.length - 1, "hop")}, {plural(indirect, "indirect input")}</span>}>
      <ol className="path">{hops.map((hop) => <Station key={`${hop.asset}.${hop.column ?? ""}`} hop={hop} told={told} which={which} />)}</ol>
    </Panel>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function Station({ hop, told, which }: { hop: Hop; told: LineageDocument; which: Edged }) {
  const known = useProject();
  const asset = useAsk<AssetDocument>("asset", { name: hop.asset }).data;
  const state = known.status.get(hop.asset);
  const here = hop.asset === told.asset && hop.column === told.column;
  const beside = which === "direct" ? [] : told.edges.filter((edge) => kindOf(edge) === "indirect" && edge.target_asset === hop.asset);
  const kind = hop.edge ? kindOf(hop.edge) : null;
  const type = asset?.columns.find((one) => one.name.toLowerCase() === hop.column?.toLowerCase())?.type;
  const tool = state?.kind === "stream" ? "airbyte" : state?.kind === "exposure" ? "exposure" : (asset?.made_by?.integration ?? "");
  return (
    <li>
      {hop.edge && kind && (
        <div className={`hop ${kind}`}>
          <span className="mark" aria-hidden="true" />
          <span className="small soft kind">{capital(kind)}</span>
          <div>
            {which !== "indirect" && <code className="ink">{hop.edge.expression ?? (kind === "identity" ? "as it is" : "no expression is known")}</code>}
            {hop.edge.masking && <span className="tag">masked</span>}
            {hop.edge.certainty && hop.edge.certainty !== "resolved" && <span className="tag">{hop.edge.certainty}</span>}
            {beside.length > 0 && <div className="muted small"><span className="edge-kind indirect" />{beside.slice(0, 4).map((edge) => `${edge.source_column ?? edge.source_asset} ${(edge.subtype ?? "").toLowerCase().replace("_", " ")}`).join(" · ")}{beside.length > 4 ? ` and ${beside.length - 4} more` : ""}</div>}
          </div>
        </div>
      )}
      <div className={`hop-box${here ? " chosen" : ""}`} data-tool={tool}>
        <Icon name={kindIcon(state?.kind ?? "", asset?.resource_type ?? "")} size={14} />
        <a className="mono ink ellipsis" href={hop.column ? to("column", `${hop.asset}.${hop.column}`) : to("asset", hop.asset)}>{hop.asset}{hop.column && <b>.{hop.column}</b>}</a>
        <span className="mono small soft type hide-phone">{type}</span>
        <span className="small soft word hide-phone">{capital(asset?.materialized ?? state?.kind ?? "")}</span>
        <span className="end">{state && <State state={stateOf(state)} />}</span>
      </div>
    </li>
  );
}

function Edges({ title, edges, end, none }: { title: string; edges: EdgeDocument[]; end: "source" | "target"; none: string }) {
  return (
    <Panel title={title} note={String(edges.length)}>
      {edges.length === 0 ? <div className="body muted">{none}</div> : (
        <ul className="rows">
          {edges.slice(0, 12).map((edge, at) => {
            const asset = end === "source" ? edge.source_asset : edge.target_asset;
            const column = end === "source" ? edge.source_column : edge.target_column;
            const kind = kindOf(edge);
            return <li key={at}><span className={`edge-kind ${kind}`} /><a className="mono ink ellipsis" href={column ? to("column", `${asset}.${column}`) : to("asset", asset)}>{asset}{column && `.${column}`}</a><span className="end muted small">{kind === "indirect" ? `Indirect, ${(edge.subtype ?? "").toLowerCase().replace("_", " ")}` : capital(kind)}</span></li>;
          })}
          {edges.length > 12 && <li className="muted">{edges.length - 12} more in the graph</li>}
        </ul>
      )}
    </Panel>
  );
}
