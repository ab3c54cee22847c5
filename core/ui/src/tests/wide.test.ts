/** Graphs that are much higher than wide: their layers are wrapped, and what is small stays small. */
import { describe, expect, it } from "vitest";
import type { AssetState, GraphDocument } from "../api/types";
import { arrange } from "../graph/arrange";
import { links, neighbour } from "../graph/hit";
import { touches } from "../graph/viewport";
import { zoomOf } from "../graph/wrap";
import { failedOf } from "../pages/FailedPanel";
import { every } from "../pages/Timeline";
import { zoned } from "../parts/format";

/** Few ranks, many nodes in each: a large project of dbt. */
function tall(size: number, ranks: number, groups: number): GraphDocument {
  const nodes = Array.from({ length: size }, (_, at) => ({ id: `a${at}`, label: `a${at}`, kind: "table", type: "model", tool: "dbt/t", x: at % ranks, y: Math.floor(at / ranks), group: groups ? `g${Math.floor(at / ranks) % groups}` : "" }));
  return { format: 1, hash: "0", ranks, rows: Math.ceil(size / ranks) - 1, nodes, edges: [], groups: {} };
}
const over = (graph: GraphDocument) => {
  const { boxes } = arrange(graph);
  return boxes.flatMap((a) => boxes.filter((b) => a.index < b.index && touches(a, b)));
};

describe("a graph of long layers", () => {
  for (const groups of [0, 5]) {
    it(`is wrapped until it can be read (${groups} groups)`, () => {
      const scene = arrange(tall(2000, 6, groups));
      expect(zoomOf(scene.width, scene.height)).toBeGreaterThan(0.14); // as one column each: 0.05
      expect(over(tall(600, 6, groups))).toEqual([]);
      expect(new Set(scene.boxes.map((box) => box.index)).size).toBe(2000);
    });
    it(`stays as it was where it fits (${groups} groups)`, () => {
      expect(new Set(arrange(tall(24, 6, groups)).boxes.map((box) => box.x)).size).toBe(6);
    });
  }

  it("keeps the arrow keys in the rank, over all of its columns", () => {
    const { boxes } = arrange(tall(600, 3, 2));
    const tied = links(600, []);
    const rank = boxes.filter((box) => box.rank === 1);
    let at: number | null = rank.reduce((a, b) => (b.x < a.x || (b.x === a.x && b.y < a.y) ? b : a)).index;
    const walked = new Set<number>();
    while (at !== null && !walked.has(at)) {
      walked.add(at);
      at = neighbour(at, "ArrowDown", boxes, tied);
    }
    expect(walked.size).toBe(rank.length);
  });

  it("has headers that can be read from afar", () => {
    const scene = arrange(tall(2000, 6, 5));
    const zoom = zoomOf(scene.width, scene.height);
    for (const frame of scene.frames) expect(frame.header * zoom).toBeGreaterThan(12);
  });
});

it("lists what failed, the newest first", () => {
  const state = (name: string, last_attempt: string | null, attempted_at: string) => [name, { name, kind: "table", outcome: "success", last_attempt, attempted_at } as unknown as AssetState] as const;
  const status = new Map([state("old", "error", "2026-01-01T00:00:00Z"), state("good", null, "2026-01-03T00:00:00Z"), state("new", "fail", "2026-01-02T00:00:00Z")]);
  expect(failedOf(["old", "good", "new", "gone"], status).map((one) => one.name)).toEqual(["new", "old"]);
});

it("shows stored times in the viewer's zone, and leaves other words", () => {
  const now = Date.parse("2026-11-28T20:00:00Z");
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false }).format(Date.parse("2026-11-28T08:34:00Z"));
  for (const stored of ["2026-11-28T08:34:05Z", "2026-11-28T08:34:05.250Z", "2026-11-28 08:34 UTC"]) expect(zoned(`at ${stored} (run 1)`, now)).toContain(clock);
  for (const words of ["made 3 of 4 on 2026-11-28", "timestamp 0000-00-00T00:00:00Z", "load 2026-13-45 25:61 UTC"]) expect(zoned(words, now)).toBe(words);
});

it("marks an axis with round times, ten at most", () => {
  for (const length of [0.4, 9, 98, 279, 5000, 90_000, 4_000_000]) expect(length / every(length)).toBeLessThanOrEqual(10);
  expect([every(98), every(279), every(3700)]).toEqual([10, 30, 600]);
});
