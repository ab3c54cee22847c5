/** Draws a scene on a canvas: edges, frames, boxes, in the detail that the zoom can show. Keeps nothing. */
import type { EdgeDocument } from "../api/types";
import type { Shown } from "../parts/states";
import { OPEN, type Box, type Frame, type Scene } from "./arrange";
import type { Colours } from "./colours";
import { bendOf, ends } from "./hit";
import { sign } from "./signs";
import { seen, touches, type Size, type View } from "./viewport";

export interface Mark {
  label: string;
  group: boolean;
  size: number;
  tool: string; // colour
  state: Shown;
  note: string;
}
export interface ColumnEdge {
  from: number;
  fromRow: number;
  to: number;
  toRow: number;
  kind: "identity" | "transformation" | "aggregation" | "indirect";
  told: EdgeDocument;
}
export interface Picture {
  scene: Scene;
  edges: readonly (readonly [number, number])[];
  marks: readonly Mark[];
  lit: ReadonlySet<number> | null; // null: nothing is dimmed
  chosen: number | null;
  hover: number | null;
  columnEdges: readonly ColumnEdge[];
  chosenRow: string | null; // "asset.column"
  failed: readonly number[]; // in the order of their numbers
}

const TONES = { ok: "ok", bad: "bad", warn: "warn", idle: "idle", accent: "accent", reuse: "reuse", risk: "risk" } as const;
const FONT = 'Inter, system-ui, sans-serif';
const MONO = '"JetBrains Mono", ui-monospace, monospace';

export function draw(pen: CanvasRenderingContext2D, picture: Picture, view: View, screen: Size, of: Colours, ratio: number, told: number | null = null): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = of.bg;
  pen.fillRect(0, 0, screen.width, screen.height);
  pen.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.left, ratio * view.top);
  const area = seen(view, screen);
  const visible = picture.scene.boxes.filter((box) => touches(box, area));
  const far = view.zoom < 0.28;
  const frames = picture.scene.frames.filter((frame) => touches(frame, area));
  for (const frame of frames) drawFrame(pen, frame, of);
  drawEdges(pen, picture, area, of, view.zoom);
  // Below the boxes: an edge that passes behind one never runs through its words.
  picture.columnEdges.forEach((edge, at) => drawColumnEdge(pen, edge, picture, of, at === told));
  for (const box of visible) drawBox(pen, box, picture, of, view.zoom, far);
  for (const frame of frames) drawLabel(pen, frame, view.zoom, of); // above the edges, which would strike it through
  if (far) picture.failed.forEach((index, at) => picture.scene.boxes[index] && badge(pen, picture.scene.boxes[index], at + 1, view.zoom, of));
}

function drawFrame(pen: CanvasRenderingContext2D, frame: Frame, of: Colours): void {
  pen.beginPath();
  pen.roundRect(frame.x, frame.y, frame.width, frame.height, 8);
  pen.fillStyle = of.frame;
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = of.line;
  pen.stroke();
}

/** What a frame is called, as large as on paper however far away; above the boxes, where there is room for a word. */
function drawLabel(pen: CanvasRenderingContext2D, frame: Frame, zoom: number, of: Colours): void {
  const by = Math.max(1, 0.95 / zoom); // of the scene: one px of the screen, from afar
  if (frame.header / by < 13 || frame.width / by < 34) return;
  const base = frame.y + frame.header - 8 * by + (by > 1 ? 3 * by : 0);
  const right = frame.closes && by <= 1 ? `${frame.count}  ⌄` : String(frame.count);
  const roomy = frame.width / by > 64;
  pen.font = `600 ${10.5 * by}px ${FONT}`;
  pen.fillStyle = of["ink-2"];
  pen.fillText(fit(pen, frame.label.split("/").slice(-2).join("/"), frame.width - (roomy ? 36 : 10) * by, by), frame.x + 7 * by, base);
  if (!roomy) return;
  pen.font = `500 ${10 * by}px ${FONT}`;
  pen.fillStyle = of["ink-3"];
  pen.textAlign = "right";
  pen.fillText(right, frame.x + frame.width - 7 * by, base);
  pen.textAlign = "left";
}

/** The number of a failure from afar: the list beside the picture says it again. */
function badge(pen: CanvasRenderingContext2D, box: Box, number: number, zoom: number, of: Colours): void {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  pen.beginPath();
  pen.arc(x, y, 8 / zoom, 0, 7);
  pen.fillStyle = of.bad;
  pen.fill();
  pen.lineWidth = 2 / zoom;
  pen.strokeStyle = of.bg;
  pen.stroke();
  pen.font = `650 ${9.5 / zoom}px ${FONT}`;
  pen.fillStyle = of.panel;
  pen.textAlign = "center";
  pen.fillText(String(number), x, y + 3.4 / zoom);
  pen.textAlign = "left";
}

/** Rest, then the lit path, then what comes from a failure: each in one stroke, which is what makes 15,000 edges quick. */
function drawEdges(pen: CanvasRenderingContext2D, picture: Picture, area: { x: number; y: number; width: number; height: number }, of: Colours, zoom: number): void {
  const { boxes } = picture.scene;
  const rest = new Path2D();
  const path = new Path2D();
  const culprit = new Path2D();
  for (const [from, to] of picture.edges) {
    const a = boxes[from]!;
    const b = boxes[to]!;
    const x1 = a.x + a.width;
    const y1 = a.y + Math.min(a.height, 34) / 2;
    const y2 = b.y + Math.min(b.height, 34) / 2;
    if (Math.max(x1, b.x) < area.x || Math.min(x1, b.x) > area.x + area.width || Math.max(y1, y2) < area.y || Math.min(y1, y2) > area.y + area.height) continue;
    const lit = picture.lit === null || (picture.lit.has(from) && picture.lit.has(to));
    const bad = picture.marks[from]?.state.tone === "bad";
    curve(lit && bad ? culprit : lit && picture.lit ? path : rest, x1, y1, b.x, y2);
  }
  pen.lineWidth = 1 / Math.min(1, zoom * 1.5);
  pen.globalAlpha = picture.lit ? 0.3 : 0.75;
  pen.strokeStyle = of.edge;
  pen.stroke(rest);
  pen.globalAlpha = 1;
  pen.lineWidth *= 1.5;
  pen.strokeStyle = of.accent;
  pen.stroke(path);
  pen.lineWidth *= 1.5;
  pen.strokeStyle = of.bad;
  pen.stroke(culprit);
}

function curve(path: Path2D, x1: number, y1: number, x2: number, y2: number): void {
  const bend = bendOf(x1, x2);
  path.moveTo(x1, y1);
  path.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
}

function drawBox(pen: CanvasRenderingContext2D, box: Box, picture: Picture, of: Colours, zoom: number, far: boolean): void {
  const mark = picture.marks[box.index]!;
  const dim = picture.lit !== null && !picture.lit.has(box.index) && picture.hover !== box.index;
  const tone = of[TONES[mark.state.tone]];
  if (far) {
    const calm = mark.state.tone === "ok" || mark.state.tone === "reuse";
    if (dim || calm) {
      pen.fillStyle = of.node; // edges never show through
      pen.fillRect(box.x, box.y, box.width, box.height);
    }
    pen.globalAlpha = dim ? 0.35 : calm ? 0.5 : 1; // what is well is there, and steps back
    pen.fillStyle = mark.state.tone === "idle" ? of["line-strong"] : tone;
    pen.fillRect(box.x, box.y, box.width, box.height);
    if (box.index === picture.chosen) ring(pen, box, of.accent, 2 / zoom);
    pen.globalAlpha = 1;
    return;
  }
  // An opaque ground below a dimmed box: edges never show through.
  if (mark.group) sheets(pen, box, of);
  pen.beginPath();
  pen.roundRect(box.x, box.y, box.width, box.height, 5);
  pen.fillStyle = of.node;
  pen.fill();
  pen.globalAlpha = dim ? 0.4 : 1;
  pen.lineWidth = 1;
  pen.strokeStyle = picture.lit && !dim ? of["ink-3"] : of["line-strong"];
  pen.stroke();
  pen.fillStyle = mark.tool;
  pen.beginPath();
  pen.roundRect(box.x, box.y, 3, box.height, [4, 0, 0, 4]);
  pen.fill();
  const left = box.x + 10;
  pen.fillStyle = of.ink;
  pen.font = `${box.rows.length ? 650 : 550} ${zoom < 0.55 ? 14 : 11}px ${FONT}`;
  pen.fillText(fit(pen, mark.label, box.width - (zoom < 0.55 ? 36 : 16), zoom < 0.55 ? 1.3 : 1), left, box.y + (zoom < 0.55 ? 22 : 14));
  if (zoom < 0.55) sign(pen, mark.state.sign, tone, of.node, box.x + box.width - 20, box.y + 10, 14);
  else {
    sign(pen, mark.state.sign, tone, of.node, left, box.y + (mark.group ? 28.5 : 18.5), 10.5);
    pen.font = `500 10px ${FONT}`;
    pen.fillStyle = tone;
    pen.fillText(fit(pen, mark.state.label, box.width - 34 - (mark.note ? 30 : 0)), left + 14, box.y + (mark.group ? 37 : 27));
    pen.fillStyle = of["ink-3"];
    pen.textAlign = "right";
    pen.fillText(mark.group ? String(mark.size) : mark.note, box.x + box.width - 7, box.y + (mark.group ? 37 : 27));
    pen.textAlign = "left";
  }
  if (box.rows.length) drawRows(pen, box, mark.label, picture, of);
  pen.globalAlpha = 1;
  if (box.index === picture.chosen) ring(pen, box, of.accent, 2);
}

function ringAt(pen: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  const was = pen.strokeStyle;
  pen.beginPath();
  pen.arc(x, y, 8, 0, 7);
  pen.lineWidth = 1.5;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.strokeStyle = was;
}

/** A closed group is a stack of sheets. */
function sheets(pen: CanvasRenderingContext2D, box: Box, of: Colours): void {
  pen.lineWidth = 1;
  for (const by of [6, 3]) {
    pen.beginPath();
    pen.roundRect(box.x + by, box.y + by, box.width - 2 * by, box.height, 5);
    pen.fillStyle = of.frame;
    pen.fill();
    pen.strokeStyle = of["line-strong"];
    pen.stroke();
  }
}

function ring(pen: CanvasRenderingContext2D, box: Box, colour: string, width: number): void {
  pen.beginPath();
  pen.roundRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2, 6);
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

function drawRows(pen: CanvasRenderingContext2D, box: Box, asset: string, picture: Picture, of: Colours): void {
  box.rows.forEach((row, at) => {
    const y = box.y + OPEN.header + at * OPEN.row;
    if (picture.chosenRow === `${asset}.${row.name}`) {
      pen.fillStyle = of["accent-soft"];
      pen.fillRect(box.x + 3, y, box.width - 4, OPEN.row);
    }
    pen.font = `500 10.5px ${MONO}`;
    pen.fillStyle = of.ink;
    pen.fillText(fit(pen, row.name, box.width - 54), box.x + 10, y + 15);
    pen.font = `400 9.5px ${FONT}`;
    pen.fillStyle = of["ink-3"];
    pen.textAlign = "right";
    pen.fillText(fit(pen, row.type.toLowerCase(), 44), box.x + box.width - 7, y + 15);
    pen.textAlign = "left";
  });
}

function drawColumnEdge(pen: CanvasRenderingContext2D, edge: ColumnEdge, picture: Picture, of: Colours, told: boolean): void {
  const found = ends(picture.scene.boxes, edge);
  if (!found) return;
  const { x1, y1, x2, y2 } = found;
  const path = new Path2D();
  curve(path, x1, y1, x2, y2);
  pen.strokeStyle = pen.fillStyle = of[edge.kind];
  pen.lineWidth = (edge.kind === "indirect" ? 1.25 : 2) + (told ? 1.25 : 0);
  pen.globalAlpha = edge.kind === "indirect" && !told ? 0.6 : 1;
  pen.setLineDash(edge.kind === "indirect" ? [4, 3] : []);
  pen.stroke(path);
  pen.setLineDash([]);
  const x = (x1 + x2) / 2;
  const y = (y1 + y2) / 2;
  if (told) ringAt(pen, x, y, of.ink);
  pen.beginPath();
  if (edge.kind === "identity") pen.arc(x, y, 3, 0, 7);
  else if (edge.kind === "aggregation") pen.rect(x - 3, y - 3, 6, 6);
  else if (edge.kind === "transformation") for (const [dx, dy] of [[0, -4.500], [4.500, 0], [0, 4.500], [-4.500, 0]] as const) pen.lineTo(x + dx, y + dy);
  pen.fill();
  pen.globalAlpha = 1;
}

/** The text, cut so that it fits. */
function fit(pen: CanvasRenderingContext2D, text: string, width: number, by = 1): string {
  if (text.length * 8 * by < width || pen.measureText(text).width <= width) return text;
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = (least + most + 1) >> 1;
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) least = middle;
    else most = middle - 1;
  }
  return `${text.slice(0, least)}…`;
}
