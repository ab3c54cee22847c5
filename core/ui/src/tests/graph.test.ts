import { describe, expect, it } from "vitest";
import type { EdgeDocument, GraphDocument, LineageDocument } from "../api/types";
import { arrange, NODE, OPEN } from "../graph/arrange";
import { columnPath, kindOf, ranked } from "../graph/columnPath";
import { beside } from "../graph/EdgePopover";
import { edgeHit, hit, links, middle, neighbour, trail } from "../graph/hit";
import { centred, fitted, seen, touches, zoomed } from "../graph/viewport";
import { grouped } from "../pages/GraphList";
import { lastTerm } from "../parts/Selector";
import { parse, to } from "../route";

/** An estate of the given size: 12 ranks, groups of 7, each node reads up to three of the rank before. */
export function estate(size: number, grouped = true): GraphDocument {
  const ranks = 12;
  const nodes = Array.from({ length: size }, (_, at) => ({
    id: `asset_${at}`, label: `asset_${at}`, kind: "table", type: "model", tool: "dbt/transform", x: at % ranks, y: Math.floor(at / ranks),
    group: grouped ? `schema_${Math.floor(at / ranks / 7)}` : "",
  }));
  const edges: [number, number][] = nodes.flatMap((node, at) => (node.x === 0 ? [] : [[at - 1, at] as [number, number], ...(at >= 13 ? [[at - 13, at] as [number, number]] : [])]));
  return { format: 1, hash: "0", ranks, rows: Math.ceil(size / ranks), nodes, edges: edges.filter(([from, into]) => nodes[from]!.x < nodes[into]!.x), groups: {} };
}

describe("arrange", () => {
  for (const grouped of [true, false]) {
    it(`lays no box over another (${grouped ? "groups" : "rows"})`, () => {
      const graph = estate(420, grouped);
      const { boxes } = arrange(graph, new Map([["asset_13", [{ name: "id", type: "int" }, { name: "amount", type: "num" }]]]));
      expect(boxes).toHaveLength(420);
      const over = boxes.flatMap((a) => boxes.filter((b) => a.index < b.index && touches(a, b)).map((b) => [a.index, b.index]));
      expect(over).toEqual([]);
    });
  }

  it("keeps every box inside the frame of its group", () => {
    const { boxes, frames } = arrange(estate(420));
    for (const box of boxes) expect(frames.some((frame) => frame.x <= box.x && box.x + box.width <= frame.x + frame.width && frame.y <= box.y && box.y + box.height <= frame.y + frame.height)).toBe(true);
  });

  it("makes an opened box as high as its columns", () => {
    const rows = [{ name: "id", type: "" }, { name: "amount", type: "" }];
    const { boxes } = arrange(estate(24), new Map([["asset_3", rows]]));
    expect(boxes[3]!.height).toBe(OPEN.header + 2 * OPEN.row);
    expect(boxes[4]!.height).toBe(NODE.height);
  });

  it("arranges 5,000 nodes with 15,000 edges' worth of ranks within a breath", () => {
    const graph = estate(5000);
    const before = performance.now();
    arrange(graph);
    expect(performance.now() - before).toBeLessThan(1500);
  });
});

describe("viewport", () => {
  it("keeps the point under the pointer while it zooms", () => {
    const view = { zoom: 0.8, left: 31, top: -12 };
    const after = zoomed(view, 1.7, 200, 120);
    expect((200 - after.left) / after.zoom).toBeCloseTo((200 - view.left) / view.zoom);
    expect((120 - after.top) / after.zoom).toBeCloseTo((120 - view.top) / view.zoom);
  });

  it("shows the whole when fitted, and the middle when centred", () => {
    const area = { x: 0, y: 0, width: 4000, height: 900 };
    const screen = { width: 1000, height: 700 };
    const shown = seen(fitted(area, screen), screen);
    expect(shown.x).toBeLessThanOrEqual(0);
    expect(shown.x + shown.width).toBeGreaterThanOrEqual(4000);
    const box = seen(centred({ x: 500, y: 300, width: 100, height: 40 }, screen, 1), screen);
    expect(box.x + box.width / 2).toBeCloseTo(550);
  });
});

describe("hit and travel", () => {
  const graph = estate(60);
  const { boxes } = arrange(graph);
  const tied = links(60, graph.edges);

  it("finds the box under a point, and none between boxes", () => {
    const box = boxes[17]!;
    expect(hit(boxes, box.x + 5, box.y + 5)?.index).toBe(17);
    expect(hit(boxes, -500, -500)).toBeNull();
  });

  it("tells the row of an opened box", () => {
    const opened = arrange(graph, new Map([["asset_17", [{ name: "a", type: "" }, { name: "b", type: "" }]]])).boxes;
    expect(hit(opened, opened[17]!.x + 5, opened[17]!.y + OPEN.header + OPEN.row + 3)).toEqual({ index: 17, row: 1 });
    expect(hit(opened, opened[17]!.x + 5, opened[17]!.y + 5)?.row).toBeNull();
  });

  it("walks up and down from a node, but not sideways", () => {
    const chain = links(5, [[0, 1], [1, 2], [3, 2], [1, 4]]);
    expect([...trail(1, chain)].sort()).toEqual([0, 1, 2, 4]);
    expect([...trail(2, chain)].sort()).toEqual([0, 1, 2, 3]);
  });

  it("travels along edges with the arrow keys", () => {
    expect(tied.out[13]).toContain(neighbour(13, "ArrowRight", boxes, tied));
    expect(tied.into[13]).toContain(neighbour(13, "ArrowLeft", boxes, tied));
    const below = neighbour(13, "ArrowDown", boxes, tied)!;
    expect(boxes[below]!.x).toBe(boxes[13]!.x);
    expect(boxes[below]!.y).toBeGreaterThan(boxes[13]!.y);
  });
});

describe("column path", () => {
  const edge = (source: string, target: string, subtype: string, type = "DIRECT"): EdgeDocument => {
    const [a, b] = source.split(".");
    const [c, d] = target.split(".");
    return { direction: "upstream", distance: 1, source_asset: a!, source_column: b!, target_asset: c!, target_column: d!, type, subtype, certainty: "resolved", path: null, expression: null, candidates: [], masking: false };
  };
  const told: LineageDocument = { format: 1, asset: "orders", column: "revenue", path: null, edges: [edge("stg.amount", "orders.revenue", "AGGREGATION"), edge("stg.paid", "orders.revenue", "FILTER", "INDIRECT")] };

  it("opens each asset with the columns of the edges", () => {
    const path = columnPath(told);
    expect(path.assets.sort()).toEqual(["orders", "stg"]);
    expect(path.opened.get("stg")!.map((row) => row.name)).toEqual(["amount", "paid"]);
    const drawn = path.edges(new Map([["stg", 0], ["orders", 1]]));
    expect(drawn.map((one) => one.kind)).toEqual(["aggregation", "indirect"]);
    expect(path.edges(new Map([["orders", 1]]))).toEqual([]);
  });

  it("ranks assets by the edges of their columns, also where they come in a circle", () => {
    const graph = { ...estate(3), nodes: ["stg", "orders", "mart"].map((id) => ({ id, label: id, kind: "table", type: "model", x: 0, y: 0 })) };
    const edges = [...told.edges, edge("orders.revenue", "mart.revenue", "IDENTITY")];
    expect(ranked(graph, { ...told, edges }).nodes.map((node) => node.x)).toEqual([0, 1, 2]);
    const circle = [...edges, edge("mart.revenue", "stg.amount", "IDENTITY")];
    expect(ranked(graph, { ...told, edges: circle }).nodes).toHaveLength(3);
  });

  it("takes every indirect edge for indirect, whatever it decides", () => {
    expect(kindOf({ type: "INDIRECT", subtype: "GROUP_BY" })).toBe("indirect");
    expect(kindOf({ type: "DIRECT", subtype: "IDENTITY" })).toBe("identity");
  });
});

describe("addresses and selections", () => {
  it("reads back what it writes", () => {
    const place = parse(to("asset", "raw/a b.c?#%", { select: "+orders+ tag:x&y" }));
    expect(place.page).toBe("asset");
    expect(place.part).toBe("raw/a b.c?#%");
    expect(place.query.get("select")).toBe("+orders+ tag:x&y");
  });

  it("completes the last word of a selection, after its plus sign", () => {
    expect(lastTerm("+orders+ 2+cust")).toEqual({ before: "+orders+ 2+", term: "cust" });
    expect(lastTerm("a,tag:s")).toEqual({ before: "a,", term: "tag:s" });
    expect(lastTerm("")).toEqual({ before: "", term: "" });
  });
});

describe("edges between columns", () => {
  const edge = (source: string, target: string, type: string, expression: string | null = null): EdgeDocument => {
    const [source_asset, source_column] = source.split(".") as [string, string];
    const [target_asset, target_column] = target.split(".") as [string, string?];
    return { direction: "up", distance: 1, source_asset, source_column, target_asset, target_column: target_column ?? null, type: type === "filter" ? "INDIRECT" : "DIRECT", subtype: type.toUpperCase(), certainty: "resolved", path: null, expression, candidates: [], masking: false };
  };
  const node = (id: string, x: number, y: number) => ({ id, label: id, kind: "table", type: "model", tool: "dbt/t", x, y, group: "" });
  const graph: GraphDocument = { format: 1, hash: "0", ranks: 3, rows: 2, nodes: [node("a", 0, 0), node("late", 0, 1), node("b", 1, 0), node("c", 2, 0)], edges: [[0, 2], [2, 3], [1, 3]], groups: {} };
  const told: LineageDocument = { format: 1, asset: "c", column: "n", path: null, edges: [edge("a.x", "b.y", "identity"), edge("b.y", "c.n", "aggregation", "sum(y)"), edge("late.at", "c", "filter")] };

  it("are found under the pointer at their middle, and nowhere else", () => {
    const path = columnPath(told);
    const shown = ranked(graph, told);
    const { boxes } = arrange(shown, path.opened);
    const edges = path.edges(new Map(shown.nodes.map((one, at) => [one.id, at])));
    expect(edges).toHaveLength(3);
    edges.forEach((one, at) => {
      const point = middle(boxes, one)!;
      expect(edgeHit(boxes, edges, point.x, point.y, 6)).toBe(at);
    });
    expect(edgeHit(boxes, edges, -500, -500, 6)).toBe(null);
  });

  it("tell what else decides their target", () => {
    const edges = columnPath(told).edges(new Map([["a", 0], ["late", 1], ["b", 2], ["c", 3]]));
    expect(beside(edges, 1)).toEqual({ also: [], indirect: ["late.at filter"] });
  });

  it("put what nothing leads to next to its first reader", () => {
    const at = ranked(graph, told).nodes;
    expect(at.map((one) => one.x)).toEqual([0, 1, 1, 2]);
  });

  it("stand in the tables as who reads whom", () => {
    const lines = grouped(graph).get("no group")!;
    expect(lines.map(({ node: one, reads, readers }) => [one.id, reads, readers])).toEqual([["a", [], ["b"]], ["late", [], ["c"]], ["b", ["a"], ["c"]], ["c", ["b", "late"], []]]);
  });
});

describe("the beginning of a picture", () => {
  it("is the whole in the middle, however tall or small it is", () => {
    for (const area of [{ x: 0, y: 0, width: 900, height: 240 }, { x: 0, y: 0, width: 700, height: 6000 }]) {
      const screen = { width: 1200, height: 800 };
      const view = fitted(area, screen);
      expect(view.left + (area.width * view.zoom) / 2).toBeCloseTo(600);
      expect(view.top + (area.height * view.zoom) / 2).toBeCloseTo(400);
      expect(area.height * view.zoom).toBeLessThanOrEqual(800);
    }
  });
});
