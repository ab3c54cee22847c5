/** From ranks and rows to pixels: boxes in columns, a frame around each group of a column. Pure. */
import type { GraphDocument } from "../api/types";

export const NODE = { width: 118, height: 34, pitch: 41 };
export const GROUP = { width: 132, height: 46 };
export const OPEN = { width: 164, header: 38, row: 23 };
export const FRAME = { padding: 7, header: 24, gap: 10 };
const AISLE = 24;

export interface Row {
  name: string;
  type: string;
}
export interface Box {
  index: number;
  x: number;
  y: number;
  width: number;
  height: number;
  rows: readonly Row[];
}
export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
  count: number;
  tool: string;
  closes: boolean; // its header closes the group
}
export interface Scene {
  boxes: Box[]; // at the same position as the node in the document
  frames: Frame[];
  width: number;
  height: number;
}

export type Opened = ReadonlyMap<string, readonly Row[]>;

/** Where each rank begins, given which of its nodes are opened to columns. */
function columns(graph: GraphDocument, opened: Opened): { left: number[]; wide: boolean[] } {
  const wide = Array.from({ length: graph.ranks }, () => false);
  for (const node of graph.nodes) if (opened.has(node.id)) wide[node.x] = true;
  const left: number[] = [];
  let x = 0;
  for (const one of wide) {
    left.push(x);
    x += (one ? OPEN.width : NODE.width) + 2 * FRAME.padding + AISLE;
  }
  return { left, wide };
}

export function arrange(graph: GraphDocument, opened: Opened = new Map()): Scene {
  const { left, wide } = columns(graph, opened);
  const grouped = graph.nodes.some((node) => node.group);
  const boxes: Box[] = new Array<Box>(graph.nodes.length);
  const frames: Frame[] = [];
  const ranks = new Map<number, number[]>();
  graph.nodes.forEach((node, index) => ranks.set(node.x, [...(ranks.get(node.x) ?? []), index]));
  const box = (index: number, y: number): Box => {
    const node = graph.nodes[index]!;
    const rows = opened.get(node.id) ?? [];
    const closed = node.kind === "group";
    const width = closed ? GROUP.width : wide[node.x] ? OPEN.width : NODE.width;
    const height = closed ? GROUP.height : rows.length ? OPEN.header + rows.length * OPEN.row : NODE.height;
    const made = { index, x: left[node.x]! + (closed ? 0 : FRAME.padding), y, width, height, rows };
    boxes[index] = made;
    return made;
  };
  let height = 0;
  for (const members of ranks.values()) {
    members.sort((a, b) => graph.nodes[a]!.y - graph.nodes[b]!.y);
    const end = grouped ? stack(graph, members, box, frames) : column(graph, members, box);
    height = Math.max(height, end);
  }
  const last = graph.ranks - 1;
  const width = last < 0 ? 0 : left[last]! + (wide[last] ? OPEN.width : NODE.width) + 2 * FRAME.padding;
  return { boxes, frames, width, height };
}

/** Without groups each box keeps the server's row; an opened one pushes those below it down. */
function column(graph: GraphDocument, members: number[], box: (index: number, y: number) => Box): number {
  let free = 0;
  for (const index of members) {
    const made = box(index, Math.max(graph.nodes[index]!.y * NODE.pitch, free));
    free = made.y + made.height + NODE.pitch - NODE.height;
  }
  return free;
}

/** With groups each rank is a stack of frames, in the order of their members' mean row. */
function stack(graph: GraphDocument, members: number[], box: (index: number, y: number) => Box, frames: Frame[]): number {
  const groups = new Map<string, number[]>();
  for (const index of members) {
    const name = graph.nodes[index]!.group ?? "";
    groups.set(name, [...(groups.get(name) ?? []), index]);
  }
  const mean = (of: number[]) => of.reduce((sum, index) => sum + graph.nodes[index]!.y, 0) / of.length;
  let y = 0;
  for (const [label, of] of [...groups].sort(([, a], [, b]) => mean(a) - mean(b))) {
    const first = graph.nodes[of[0]!]!;
    if (of.length === 1 && first.kind === "group") {
      y += box(of[0]!, y).height + FRAME.gap + 4;
      continue;
    }
    const top = y;
    y += FRAME.header;
    let made: Box | undefined;
    for (const index of of) {
      made = box(index, y);
      y += made.height + NODE.pitch - NODE.height;
    }
    if (made) frames.push({ x: made.x - FRAME.padding, y: top, width: made.width + 2 * FRAME.padding, height: y - top, label: label || "no group", count: of.length, tool: first.tool ?? "", closes: label !== "" });
    y += FRAME.gap;
  }
  return y;
}
