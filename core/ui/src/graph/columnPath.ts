/** The path of one column as opened boxes and typed edges between their rows. Pure. */
import type { EdgeDocument, GraphDocument, LineageDocument } from "../api/types";
import type { Row } from "./arrange";
import type { ColumnEdge } from "./draw";

export type EdgeKind = ColumnEdge["kind"];

/** OpenLineage's words to the four that are drawn. */
export function kindOf(edge: Pick<EdgeDocument, "type" | "subtype">): EdgeKind {
  if (edge.type?.toUpperCase() === "INDIRECT") return "indirect";
  const word = edge.subtype?.toLowerCase();
  return word === "transformation" || word === "aggregation" ? word : "identity";
}

/** The graph with the ranks that the column edges ask for: an asset without SQL between two others is not on the path. */
export function ranked(graph: GraphDocument, lineage: LineageDocument): GraphDocument {
  const at = new Map(graph.nodes.map((node, index) => [node.id, index]));
  const into: Set<number>[] = graph.nodes.map(() => new Set());
  for (const edge of lineage.edges) {
    const [from, to] = [at.get(edge.source_asset), at.get(edge.target_asset)];
    if (from !== undefined && to !== undefined && from !== to) into[to]!.add(from);
  }
  const rank = new Map<number, number>();
  const of = (index: number, above: ReadonlySet<number>): number => {
    const known = rank.get(index);
    if (known !== undefined) return known;
    const parents = [...into[index]!].filter((one) => !above.has(one)); // a circle ends here
    const found = Math.max(-1, ...parents.map((one) => of(one, new Set([...above, index])))) + 1;
    rank.set(index, found);
    return found;
  };
  const nodes = graph.nodes.map((node, index) => ({ ...node, x: of(index, new Set([index])) }));
  // What nothing here leads to stands next to the first that reads it.
  const placed = nodes.map((node) => node.x);
  nodes.forEach((node, index) => {
    const readers = into[index]!.size ? [] : nodes.flatMap((_, reader) => (into[reader]!.has(index) ? [placed[reader]!] : []));
    if (readers.length) node.x = Math.max(0, Math.min(...readers) - 1);
  });
  return { ...graph, nodes, ranks: Math.max(0, ...nodes.map((node) => node.x)) + 1 };
}

export interface ColumnPath {
  start: string;
  assets: string[];
  opened: Map<string, Row[]>;
  edges: (at: ReadonlyMap<string, number>) => ColumnEdge[];
}

export function columnPath(lineage: LineageDocument): ColumnPath {
  const opened = new Map<string, Row[]>();
  const put = (asset: string, column: string | null) => {
    const rows = opened.get(asset) ?? [];
    if (column && !rows.some((row) => row.name === column)) rows.push({ name: column, type: "" });
    opened.set(asset, rows);
  };
  put(lineage.asset, lineage.column);
  for (const edge of lineage.edges) {
    put(edge.source_asset, edge.source_column);
    put(edge.target_asset, edge.target_column);
  }
  const row = (asset: string, column: string | null) => (opened.get(asset) ?? []).findIndex((one) => one.name === column);
  return {
    start: lineage.asset,
    assets: [...opened.keys()],
    opened,
    edges: (at) =>
      lineage.edges.flatMap((edge) => {
        const from = at.get(edge.source_asset);
        const to = at.get(edge.target_asset);
        if (from === undefined || to === undefined) return [];
        return [{ from, to, fromRow: row(edge.source_asset, edge.source_column), toRow: row(edge.target_asset, edge.target_column), kind: kindOf(edge), told: edge }];
      }),
  };
}
