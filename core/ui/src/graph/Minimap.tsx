/** The whole scene, small, with the part in view; a press moves the view there. */
import { useEffect, useRef } from "react";
import { colours } from "./colours";
import type { Picture } from "./draw";
import { seen, type Size, type View } from "./viewport";

const SIZE = { width: 164, height: 92 };

export function Minimap({ picture, view, size, move, theme }: { picture: Picture; view: View; size: Size; move: (view: View) => void; theme: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { scene } = picture;
  const scale = Math.min((SIZE.width - 8) / Math.max(1, scene.width), (SIZE.height - 8) / Math.max(1, scene.height));
  const [left, top] = [(SIZE.width - scene.width * scale) / 2, (SIZE.height - scene.height * scale) / 2];
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    const of = colours();
    pen.clearRect(0, 0, SIZE.width, SIZE.height);
    for (const box of scene.boxes) {
      const tone = picture.marks[box.index]!.state.tone;
      const lit = picture.lit?.has(box.index);
      pen.fillStyle = tone === "bad" ? of.bad : tone === "warn" ? of.warn : lit ? of.accent : of["line-strong"];
      pen.fillRect(left + box.x * scale, top + box.y * scale, Math.max(1.500, box.width * scale), Math.max(1, box.height * scale));
    }
    const area = seen(view, size);
    pen.strokeStyle = of["ink-2"];
    pen.strokeRect(left + area.x * scale, top + area.y * scale, area.width * scale, area.height * scale);
  }, [picture, view, size, scale, left, top, theme]);
  const press = (event: React.PointerEvent<HTMLCanvasElement>) => {
    if (!event.buttons) return;
    const at = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - at.left - left) / scale;
    const y = (event.clientY - at.top - top) / scale;
    move({ ...view, left: size.width / 2 - x * view.zoom, top: size.height / 2 - y * view.zoom });
  };
  return <canvas ref={canvas} className="minimap hide-phone" width={SIZE.width} height={SIZE.height} aria-hidden="true" onPointerDown={press} onPointerMove={press} />;
}
