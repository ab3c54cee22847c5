/** The signs of states as canvas paths: the same 16 px drawings as on the pages. */
import type { Sign } from "../parts/states";

const FULL: Partial<Record<Sign, [string, string]>> = {
  disc: ["M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z", "M5.300 8.200l1.900 1.900 3.500-4"],
  clock: ["M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z", "M8 4.800V8l2.200 1.400"],
  pause: ["M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13z", "M6.300 5.800v4.400M9.700 5.800v4.400"],
  octagon: ["M5.300 1.500h5.400l3.800 3.800v5.400l-3.800 3.800H5.300l-3.800-3.800V5.300z", "M6 6l4 4M10 6l-4 4"],
  triangle: ["M8 1.800l6.800 12.200H1.200z", "M8 6.500v3.300M8 11.900v.1"],
};
const RING = "M8 2.300a5.700 5.700 0 1 0 0 11.400A5.700 5.700 0 0 0 8 2.300z";
const LINES: Partial<Record<Sign, string>> = {
  arc: "M8 2.300a5.700 5.700 0 0 1 5.700 5.700",
  hourglass: "M3.500 2h9M3.500 14h9M4.500 2c0 4 7 8 7 12M11.500 2c0 4-7 8-7 12",
  loop: "M3 7a5 5 0 0 1 8.800-2.300M13 9a5 5 0 0 1-8.800 2.300M12 2v3H9M4 14v-3h3",
  slash: `${RING}M4.200 11.800l7.600-7.600`,
  question: `${RING}M6.500 6.500a1.500 1.500 0 1 1 1.500 1.700v.6M8 10.800v.1`,
  broken: "M8 2.300a5.700 5.700 0 1 1-5 3M8 5.200v3.300M8 10.800v.1",
  square: `${RING}M6 6h4v4H6z`,
  dashed: RING,
};

const made = new Map<string, Path2D>();
function path(text: string): Path2D {
  const kept = made.get(text) ?? new Path2D(text);
  made.set(text, kept);
  return kept;
}

/** Draws the sign at x, y with the given size; the caller's transform holds. */
export function sign(pen: CanvasRenderingContext2D, which: Sign, colour: string, ground: string, x: number, y: number, size: number): void {
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 16, size / 16);
  const full = FULL[which];
  pen.lineWidth = 1.7;
  if (full) {
    pen.fillStyle = colour;
    pen.fill(path(full[0]));
    pen.strokeStyle = ground;
    pen.stroke(path(full[1]));
  } else {
    pen.strokeStyle = colour;
    if (which === "arc") {
      pen.globalAlpha *= 0.3;
      pen.stroke(path(RING));
      pen.globalAlpha /= 0.3;
    }
    if (which === "dashed" || which === "question") pen.setLineDash([2.5, 2]);
    pen.stroke(path(LINES[which] ?? RING));
  }
  pen.restore();
}
