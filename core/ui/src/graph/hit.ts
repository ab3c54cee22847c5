/** Which box or column lies under a point of the scene, and where the keyboard goes from a box. Pure. */
import { FRAME, OPEN, type Box, type Frame } from "./arrange";

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
  frames.find((frame) => frame.closes && x >= frame.x && x <= frame.x + frame.width && y >= frame.y && y <= frame.y + FRAME.header) ?? null;

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
  const sameRank = boxes.filter((box) => Math.abs(box.x - here.x) <= 8 && (key === "ArrowUp" ? box.y < here.y : box.y > here.y));
  return nearest(sameRank.map((box) => box.index));
}
