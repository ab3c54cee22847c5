/** From ranks and rows to pixels: boxes in columns, a frame around each group of a rank; long ranks are wrapped. Pure. */
import type { GraphDocument } from "../api/types";
import { wrapped, zoomOf, type Layer } from "./wrap";

export const NODE = { width: 118, height: 34, pitch: 41 };
export const GROUP = { width: 132, height: 46 };
export const OPEN = { width: 164, header: 38, row: 23 };
export const FRAME = { padding: 7, header: 24, gap: 10 };
const AISLE = 24;
const BETWEEN = 14; // columns of one rank
const LABEL = 17; // px of the screen that a frame's header has when the whole is in view

export interface Row {
  name: string;
  type: string;
}
export interface Box {
  index: number;
  rank: number;
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
  header: number; // the higher, the further away the whole picture is
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
type Place = (index: number, x: number, y: number) => Box;

export function arrange(graph: GraphDocument, opened: Opened = new Map()): Scene {
  const ranks: number[][] = Array.from({ length: graph.ranks }, () => []);
  graph.nodes.forEach((node, index) => ranks[node.x]?.push(index));
  for (const members of ranks) members.sort((a, b) => graph.nodes[a]!.y - graph.nodes[b]!.y);
  const boxes: Box[] = new Array<Box>(graph.nodes.length);
  const place = (width: number): Place => (index, x, y) => {
    const node = graph.nodes[index]!;
    const rows = opened.get(node.id) ?? [];
    const closed = node.kind === "group";
    const height = closed ? GROUP.height : rows.length ? OPEN.header + rows.length * OPEN.row : NODE.height;
    return (boxes[index] = { index, rank: node.x, x: x + (closed ? 0 : FRAME.padding), y, width: closed ? GROUP.width : width, height, rows });
  };
  const widths = ranks.map((members) => (members.some((index) => opened.has(graph.nodes[index]!.id)) ? OPEN.width : NODE.width));
  const scene = graph.nodes.some((node) => node.group) ? stacked(graph, ranks, widths, place, opened.size > 0) : spread(graph, ranks, widths, place, opened.size > 0);
  return { boxes, ...scene };
}

type Laid = Omit<Scene, "boxes">;

/** Without groups a box keeps the server's row, all rows drawn nearer to each other; what would overlap goes into the next column. */
function spread(graph: GraphDocument, ranks: number[][], widths: number[], place: (width: number) => Place, plain: boolean): Laid {
  const columns = (members: number[], by: number) => {
    const ends: number[] = [];
    return { ends, of: members.map((index) => {
      const y = (graph.nodes[index]!.y * NODE.pitch) / by;
      const free = ends.findIndex((end) => end <= y + 0.01);
      const at = free < 0 ? ends.length : free;
      ends[at] = y + NODE.pitch;
      return { index, at, y };
    }) };
  };
  // So many columns as rows that would lie over each other.
  const needed = (members: number[], by: number) => {
    let [most, from] = [1, 0];
    for (let at = 0; at < members.length; at += 1) {
      while (graph.nodes[members[at]!]!.y - graph.nodes[members[from]!]!.y >= by - 0.001) from += 1;
      most = Math.max(most, at - from + 1);
    }
    return most;
  };
  const measure = (by: number) => zoomOf(ranks.reduce((sum, members, at) => sum + needed(members, by) * (widths[at]! + BETWEEN) + AISLE, 0), ((graph.rows + 1) * NODE.pitch) / by);
  let best = 1;
  let zoom = plain ? 1 : measure(1);
  for (let by = 2; !plain && by <= 8; by += 1) {
    const found = measure(by);
    if (found > zoom * 1.2) [best, zoom] = [by, found];
  }
  let [x, height] = [0, 0];
  ranks.forEach((members, rank) => {
    const found = columns(members, plain ? 1 : best);
    let free = 0;
    for (const { index, at, y } of found.of) {
      const made = place(widths[rank]!)(index, x + at * (widths[rank]! + BETWEEN), plain ? Math.max(y, free) : y);
      free = made.y + made.height + NODE.pitch - NODE.height; // an opened one pushes those below it down
      height = Math.max(height, free);
    }
    x += Math.max(1, found.ends.length) * (widths[rank]! + BETWEEN) + AISLE;
  });
  return { frames: [], width: x ? x - AISLE - BETWEEN + 2 * FRAME.padding : 0, height };
}

interface Group {
  label: string;
  members: number[];
  closed: boolean;
}

/** The groups of a rank, in the order of their members' mean row. */
function groupsOf(graph: GraphDocument, members: number[]): Group[] {
  const found = new Map<string, number[]>();
  for (const index of members) {
    const name = graph.nodes[index]!.group ?? "";
    const of = found.get(name);
    if (of) of.push(index);
    else found.set(name, [index]);
  }
  const mean = (of: number[]) => of.reduce((sum, index) => sum + graph.nodes[index]!.y, 0) / of.length;
  return [...found]
    .map(([label, of]) => ({ label, members: of, closed: of.length === 1 && graph.nodes[of[0]!]!.kind === "group", mean: mean(of) }))
    .sort((a, b) => a.mean - b.mean);
}

const CLOSED = GROUP.height + FRAME.gap + 4;
const lines = (group: Group, columns: number) => Math.ceil(group.members.length / columns);
const heightOf = (groups: Group[], columns: number, header: number) => groups.reduce((sum, group) => sum + (group.closed ? CLOSED : header + lines(group, columns) * NODE.pitch + FRAME.gap), 0);

/** With groups each rank is a stack of frames; the rows of a long one are filled from left to right. */
function stacked(graph: GraphDocument, ranks: number[][], widths: number[], place: (width: number) => Place, plain: boolean): Laid {
  const groups = ranks.map((members) => groupsOf(graph, members));
  const layers: Layer[] = groups.map((of, at) => ({ column: widths[at]! + BETWEEN, size: Math.max(1, ...of.map((group) => group.members.length)), height: (columns) => heightOf(of, columns, FRAME.header * 2) }));
  const { columns, zoom } = plain ? { columns: groups.map(() => 1), zoom: 1 } : wrapped(layers, AISLE + 2 * FRAME.padding - BETWEEN);
  const header = Math.max(FRAME.header, Math.min(150, LABEL / zoom));
  const frames: Frame[] = [];
  let [x, height] = [0, 0];
  groups.forEach((of, rank) => {
    const step = widths[rank]! + BETWEEN;
    let y = 0;
    for (const group of of) {
      if (group.closed) {
        y += place(widths[rank]!)(group.members[0]!, x, y).height + FRAME.gap + 4;
        continue;
      }
      const top = y;
      y += header;
      const across = Math.min(columns[rank]!, group.members.length);
      for (let at = 0; at < group.members.length; at += across) {
        const row = group.members.slice(at, at + across).map((index, column) => place(widths[rank]!)(index, x + column * step, y));
        y += Math.max(...row.map((box) => box.height)) + NODE.pitch - NODE.height;
      }
      frames.push({ x, y: top, width: columns[rank]! * step - BETWEEN + 2 * FRAME.padding, height: y - top, header, label: group.label || "no group", count: group.members.length, tool: graph.nodes[group.members[0]!]!.tool ?? "", closes: group.label !== "" });
      y += FRAME.gap;
    }
    height = Math.max(height, y);
    x += columns[rank]! * step - BETWEEN + 2 * FRAME.padding + AISLE;
  });
  return { frames, width: Math.max(0, x - AISLE), height };
}
