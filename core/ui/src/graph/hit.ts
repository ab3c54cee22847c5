/** Which box or column lies under a point of the scene, and where the keyboard goes from a box. Pure. */
import { OPEN, type Box, type Frame } from "./arrange";
import type { ColumnEdge } from "./draw";

export interface Hit {
  index: number;
  row: number | null;
}

export function hit(boxes: readonly Box[], x: number, y: number, slack = 0): Hit | null {
  for (const box of boxes) {
    if (x < box.x - slack || x > box.x + box.width + slack || y < box.y - slack || y > box.y + box.height + slack) continue;
    const row = Math.floor((y - box.y - OPEN.header) / OPEN.row);
    return { index: box.index, row: box.rows.length && row >= 0 && row < box.rows.length ? row : null };
  }
  return null;
}

/** The frame whose header lies under a point. */
export const header = (frames: readonly Frame[], x: number, y: number): Frame | null =>
  frames.find((frame) => frame.closes && x >= frame.x && x <= frame.x + frame.width && y >= frame.y && y <= frame.y + frame.header) ?? null;

/** Where a column edge begins and ends: at its rows, or at the header of the box for an edge of the whole. */
export function ends(boxes: readonly Box[], edge: Pick<ColumnEdge, "from" | "fromRow" | "to" | "toRow">): { x1: number; y1: number; x2: number; y2: number } | null {
  const a = boxes[edge.from];
  const b = boxes[edge.to];
  if (!a || !b) return null;
  const row = (box: Box, at: number) => box.y + (at < 0 ? 17 : OPEN.header + (at + 0.5) * OPEN.row);
  return { x1: a.x + a.width, y1: row(a, edge.fromRow), x2: b.x, y2: row(b, edge.toRow) };
}

/** How far the handles of an edge's curve reach. */
export const bendOf = (x1: number, x2: number): number => Math.min(60, Math.max(14, Math.abs(x2 - x1) / 2));

/** The middle of an edge, where its mark is. */
export function middle(boxes: readonly Box[], edge: ColumnEdge): { x: number; y: number } | null {
  const found = ends(boxes, edge);
  return found && { x: (found.x1 + found.x2) / 2, y: (found.y1 + found.y2) / 2 };
}

const PARTS = 24; // straight pieces of a curve

/** The nearest column edge within the slack of a point; of two as near, a direct one. */
export function edgeHit(boxes: readonly Box[], edges: readonly ColumnEdge[], x: number, y: number, slack: number): number | null {
  let best: number | null = null;
  let least = slack;
  edges.forEach((edge, at) => {
    const found = ends(boxes, edge);
    if (!found) return;
    const { x1, y1, x2, y2 } = found;
    const bend = bendOf(x1, x2);
    const away = distance(x, y, (t) => ({ x: bezier(t, x1, x1 + bend, x2 - bend, x2), y: bezier(t, y1, y1, y2, y2) })) + (edge.kind === "indirect" ? 0.01 : 0);
    if (away < least) [best, least] = [at, away];
  });
  return best;
}

const bezier = (t: number, a: number, b: number, c: number, d: number): number => (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;

function distance(x: number, y: number, at: (t: number) => { x: number; y: number }): number {
  let least = Infinity;
  let from = at(0);
  for (let part = 1; part <= PARTS; part += 1) {
    const to = at(part / PARTS);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - from.x - along * dx, y - from.y - along * dy));
    from = to;
  }
  return least;
}

export interface Links {
  into: number[][];
  out: number[][];
}

export function links(count: number, edges: readonly (readonly [number, number])[]): Links {
  const into: number[][] = Array.from({ length: count }, () => []);
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    into[to]?.push(from);
    out[from]?.push(to);
  }
  return { into, out };
}

/** Everything above and below a node, and itself. */
export function trail(start: number, { into, out }: Links): Set<number> {
  const found = new Set([start]);
  for (const next of [into, out]) {
    const walked = new Set([start]);
    const waiting = [start];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const one of next[at] ?? []) {
        if (walked.has(one)) continue;
        walked.add(one);
        waiting.push(one);
        found.add(one);
      }
    }
  }
  return found;
}

/** Arrow keys: left and right follow edges to the nearest box, up and down stay in the rank. */
export function neighbour(from: number, key: string, boxes: readonly Box[], { into, out }: Links): number | null {
  const here = boxes[from];
  if (!here) return null;
  const nearest = (candidates: Iterable<number>) => {
    let best: number | null = null;
    let least = Infinity;
    for (const one of candidates) {
      const away = Math.abs(boxes[one]!.y - here.y);
      if (one !== from && away < least) [best, least] = [one, away];
    }
    return best;
  };
  if (key === "ArrowLeft") return nearest(into[from] ?? []);
  if (key === "ArrowRight") return nearest(out[from] ?? []);
  const down = key === "ArrowDown";
  const rank = boxes.filter((box) => box.rank === here.rank && box.index !== from);
  const column = rank.filter((box) => Math.abs(box.x - here.x) <= 8 && (down ? box.y > here.y : box.y < here.y));
  if (column.length) return nearest(column.map((box) => box.index));
  // At the end of a column of a wrapped rank: on at the other end of the next one.
  const beside = rank.filter((box) => (down ? box.x > here.x + 8 : box.x < here.x - 8));
  beside.sort((a, b) => (down ? a.x - b.x || a.y - b.y : b.x - a.x || b.y - a.y));
  return beside[0]?.index ?? null;
}
