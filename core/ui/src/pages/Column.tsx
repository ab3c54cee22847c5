/** One column: the path from the field of an API to the dashboard, each hop with its type and expression. */
import { useMemo } from "react";
import { useAsk } from "../api/client";
import type { AssetDocument, EdgeDocument, LineageDocument } from "../api/types";
import { kindOf } from "../graph/columnPath";
import { plural, quoted } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Command, Empty, Loading, Panel, Segments, Trouble } from "../parts/Panel";
import { State } from "../parts/State";
import { stateOf, useProject } from "../project";
import { refine, to, type Place } from "../route";

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

export function Column({ of, place }: { of: string; place: Place }) {
  const direct = place.query.get("edges") === "direct";
  const asked = useAsk<LineageDocument>("lineage", { of, direct });
  const told = asked.data;
  const asset = useAsk<AssetDocument>(told ? "asset" : null, { name: told?.asset ?? "" });
  const hops = useMemo(() => (told ? spine(told) : []), [told]);
  if (asked.error) return <div className="page"><Trouble error={asked.error} again={asked.again} /></div>;
  if (!told) return <div className="page"><Loading /></div>;
  const column = asset.data?.columns.find((one) => one.name === told.column);
  const used = told.edges.filter((edge) => edge.direction === "downstream" && edge.distance === 1);
  const onPath = new Set(hops.map((hop) => hop.edge));
  const others = told.edges.filter((edge) => edge.direction === "upstream" && !onPath.has(edge));
  return (
    <div className="page">
      <div className="small soft"><a href={to("asset", told.asset)}>{told.asset}</a></div>
      <div className="head">
        <h1><span className="muted">{told.asset}.</span>{told.column}</h1>
        {column?.type && <span className="tag mono">{column.type}</span>}
        <div className="end">
          <Segments label="Which edges" options={[["direct", "Direct"], ["both", "Direct and indirect"]] as const} value={direct ? "direct" : "both"} choose={(edges) => refine(place, { edges })} />
          <a className="button" href={to("graph", "", { column: of })}><Icon name="graph" size={14} />Show in graph</a>
        </div>
      </div>
      {column?.description && <div className="head soft">{column.description}</div>}
      <div className="grid">
        <div className="span-8"><Path hops={hops} told={told} /></div>
        <div className="span-4 stack">
          <Edges title="Other inputs" edges={others} end="source" none="Every input is on the path." />
          <Edges title="Used by" edges={used} end="target" none="No column that is known reads it." />
          <Panel title="Command"><div className="body"><Command line={`penstock lineage ${quoted(of)}`} /></div></Panel>
        </div>
      </div>
    </div>
  );
}

function Path({ hops, told }: { hops: Hop[]; told: LineageDocument }) {
  if (!told.edges.length) {
    return <Panel title="Path"><Empty title="Nothing leads here or away" command={`penstock lineage ${quoted(told.asset)} --check`}>The SQL of the models around it names no edge of this column, or could not be followed.</Empty></Panel>;
  }
  return (
    <Panel title="Path" note="from the first field to the last use" end={<span className="muted small">{plural(hops.length - 1, "hop")}, {plural(told.edges.length, "edge")} in all</span>}>
      <ol className="body">{hops.map((hop) => <Station key={`${hop.asset}.${hop.column ?? ""}`} hop={hop} told={told} />)}</ol>
    </Panel>
  );
}

function Station({ hop, told }: { hop: Hop; told: LineageDocument }) {
  const known = useProject();
  const state = known.status.get(hop.asset);
  const here = hop.asset === told.asset && hop.column === told.column;
  const beside = told.edges.filter((edge) => kindOf(edge) === "indirect" && edge.target_asset === hop.asset);
  const kind = hop.edge ? kindOf(hop.edge) : null;
  return (
    <li>
      {hop.edge && kind && (
        <div className={`hop ${kind}`}>
          <div className="line" />
          <div className="hop-edge">
            <span className="small soft kind">{kind.charAt(0).toUpperCase() + kind.slice(1)}</span>
            <div>
              <code className="ink">{hop.edge.expression ?? (kind === "identity" ? "as it is" : "")}</code>
              {hop.edge.masking && <span className="tag">masked</span>}
              {hop.edge.certainty && hop.edge.certainty !== "resolved" && <span className="tag">{hop.edge.certainty}</span>}
              {beside.length > 0 && <div className="muted small">rows decided by {beside.slice(0, 4).map((edge) => `${edge.source_column ?? edge.source_asset} (${(edge.subtype ?? "").toLowerCase().replace("_", " ")})`).join(", ")}{beside.length > 4 ? ` and ${beside.length - 4} more` : ""}</div>}
            </div>
          </div>
        </div>
      )}
      <div className={`hop-box${here ? " chosen" : ""}`}>
        <a className="mono ink ellipsis" href={hop.column ? to("column", `${hop.asset}.${hop.column}`) : to("asset", hop.asset)}>{hop.asset}{hop.column && <b>.{hop.column}</b>}</a>
        <span className="muted small hide-phone">{state?.kind}</span>
        <span className="end" style={{ marginLeft: "auto" }}>{state && <State state={stateOf(state)} />}</span>
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
            return <li key={at}><span className={`edge-kind ${kind}`} /><a className="mono ink ellipsis" href={column ? to("column", `${asset}.${column}`) : to("asset", asset)}>{asset}{column && `.${column}`}</a><span className="end muted small">{kind === "indirect" ? `Indirect, ${(edge.subtype ?? "").toLowerCase().replace("_", " ")}` : kind}</span></li>;
          })}
          {edges.length > 12 && <li className="muted">{edges.length - 12} more in the graph</li>}
        </ul>
      )}
    </Panel>
  );
}
