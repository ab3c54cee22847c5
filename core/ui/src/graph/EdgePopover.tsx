/** What a column edge says: its type, from where to where, the expression, and what else decides the same column. */
import type { EdgeDocument } from "../api/types";
import { Icon } from "../parts/Icon";
import type { ColumnEdge } from "./draw";
import type { Size } from "./viewport";

const WIDTH = 340;
const MOST = 6; // names of others in one line

interface Props {
  edges: readonly ColumnEdge[];
  at: number;
  x: number;
  y: number;
  size: Size;
  close: (() => void) | undefined; // of one that stays
}

const named = (asset: string, column: string | null): string => (column ? `${asset}.${column}` : asset);
const source = (edge: EdgeDocument): string => named(edge.source_asset, edge.source_column);
const short = (names: readonly string[]): string => names.slice(0, MOST).join(", ") + (names.length > MOST ? ` and ${names.length - MOST} more` : "");
const use = (edge: EdgeDocument): string => (edge.subtype ?? "").toLowerCase().replaceAll("_", " ");

/** The other edges of the same target: those that its value comes from, and those that decide its rows. */
export function beside(edges: readonly ColumnEdge[], at: number): { also: string[]; indirect: string[] } {
  const { told } = edges[at]!;
  const others = edges.filter((edge, one) => one !== at && edge.told.target_asset === told.target_asset);
  const also = others.filter((edge) => edge.kind !== "indirect" && edge.told.target_column === told.target_column).map((edge) => source(edge.told));
  const indirect = others.filter((edge) => edge.kind === "indirect" && (edge.told.target_column === null || edge.told.target_column === told.target_column));
  return { also: [...new Set(also)], indirect: [...new Set(indirect.map((edge) => `${source(edge.told)} ${use(edge.told)}`.trim()))] };
}

export function EdgePopover({ edges, at, x, y, size, close }: Props) {
  const { kind, told } = edges[at]!;
  const { also, indirect } = beside(edges, at);
  const left = Math.max(8, Math.min(x + 14, size.width - WIDTH - 8));
  const below = y < size.height / 2;
  return (
    <div className={`popover edge-popover${close ? "" : " passing"}`} role="status" data-at={`${x},${y}`} style={{ left, width: Math.min(WIDTH, size.width - 16), ...(below ? { top: y + 14 } : { bottom: size.height - y + 14 }) }}>
      <header>
        <span className={`edge-kind ${kind}`}>{kind.charAt(0).toUpperCase() + kind.slice(1)}{kind === "indirect" && use(told) && `, ${use(told)}`}</span>
        {close && <button type="button" className="button small plain" aria-label="Close the edge" onClick={close}><Icon name="close" size={14} /></button>}
      </header>
      <p className="mono small">{source(told)} <span className="muted">→</span> {told.target_asset}{told.target_column && <b>.{told.target_column}</b>}</p>
      {told.expression ? <pre className="sql small">{told.expression}</pre> : <p className="small muted">{kind === "identity" ? "As it is" : "No expression is known"}</p>}
      <dl className="pairs small">
        {also.length > 0 && <><dt>Also from</dt><dd className="mono">{short(also)}</dd></>}
        {indirect.length > 0 && <><dt>Rows by</dt><dd className="mono">{short(indirect)}</dd></>}
        {told.certainty && told.certainty !== "resolved" && <><dt>Certainty</dt><dd>{told.certainty}</dd></>}
        {told.masking && <><dt>Masked</dt><dd>the value itself does not pass</dd></>}
        {told.path && <><dt>Field</dt><dd className="mono">{told.path}</dd></>}
      </dl>
    </div>
  );
}
