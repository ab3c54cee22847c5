/** The picture on the page: pointer, wheel, keys and the frame that draws it. What is drawn is decided elsewhere. */
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from "react";
import { Icon } from "../parts/Icon";
import { useTheme } from "../theme";
import { colours } from "./colours";
import { draw, type Picture } from "./draw";
import { EdgePopover } from "./EdgePopover";
import { edgeHit, header, hit, middle, neighbour, type Hit, type Links } from "./hit";
import { Minimap } from "./Minimap";
import { centred, fitted, moved, zoomed, type Size, type View } from "./viewport";

export interface Handle {
  show: (index: number) => void;
}
interface Props {
  picture: Picture;
  links: Links;
  label: string;
  choose: (hit: Hit | null) => void;
  open: (index: number) => void;
  hover: (index: number | null) => void;
  close: (group: string) => void;
  fitKey: string; // another: show the whole again
  ref?: Ref<Handle>;
}

/** A column edge that is told of, at a point of the screen; one that was chosen stays until it is closed. */
interface ShownEdge {
  at: number;
  x: number;
  y: number;
  pinned: boolean;
}

const MANY = 3000; // above this a moving picture is the last one, shifted, until the hand rests

export function Canvas({ picture, links, label, choose, open, hover, close, fitKey, ref }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const holder = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [view, setView] = useState<View>({ zoom: 1, left: 16, top: 16 });
  const theme = useTheme();
  const [shownEdge, setShownEdge] = useState<ShownEdge | null>(null);
  const edge = shownEdge && picture.columnEdges[shownEdge.at] ? shownEdge : null;
  const kept = useRef<{ image: HTMLCanvasElement; view: View } | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);

  useLayoutEffect(() => {
    const element = holder.current!;
    const watch = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  // What was fitted: another picture is fitted anew, another size only while the reader has not moved it.
  const fittedAs = useRef<{ key: string; view: View } | null>(null);
  const fitNow = useCallback(() => {
    const now = fitted({ x: 0, y: 0, width: picture.scene.width, height: picture.scene.height }, size);
    fittedAs.current = { key: fitKey, view: now };
    setView(now);
  }, [picture.scene, size, fitKey]);
  useEffect(() => {
    const was = fittedAs.current;
    if (size.width && (was?.key !== fitKey || (was.view.zoom === view.zoom && was.view.left === view.left && was.view.top === view.top))) fitNow();
  }, [size.width, size.height, fitKey]);
  useImperativeHandle(ref, () => ({
    show: (index) => {
      const box = picture.scene.boxes[index];
      if (box) setView((was) => centred(box, size, Math.max(was.zoom, 0.8)));
    },
  }));

  useEffect(() => {
    const element = canvas.current;
    if (!element || !size.width) return undefined;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width || element.height !== height) [element.width, element.height] = [width, height];
    const paint = () => {
      const pen = element.getContext("2d");
      if (pen) draw(pen, picture, view, size, colours(), ratio, edge?.at ?? null);
    };
    const frame = requestAnimationFrame(() => {
      const old = kept.current;
      if (picture.marks.length < MANY || !old || old.view === view) return paint();
      shift(element, old.image, old.view, view, ratio);
      clearTimeout(rest.current);
      rest.current = setTimeout(() => (paint(), keep()), 120);
    });
    const keep = () => {
      const image = document.createElement("canvas");
      [image.width, image.height] = [element.width, element.height];
      image.getContext("2d")?.drawImage(element, 0, 0);
      kept.current = { image, view };
    };
    if (picture.marks.length >= MANY && !kept.current) requestAnimationFrame(keep);
    return () => cancelAnimationFrame(frame);
  }, [picture, view, size, theme, edge?.at]);
  useEffect(() => {
    kept.current = null;
  }, [picture, theme]);
  useEffect(() => setShownEdge(null), [fitKey, picture.columnEdges]);
  useEffect(() => {
    // Fonts that arrive late: once more with them.
    void document.fonts?.ready.then(() => setView((was) => ({ ...was })));
  }, []);

  const place = (event: { clientX: number; clientY: number }) => {
    const box = canvas.current!.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const under = (event: { clientX: number; clientY: number }) => {
    const { x, y } = place(event);
    return hit(picture.scene.boxes, (x - view.left) / view.zoom, (y - view.top) / view.zoom, 3 / view.zoom);
  };
  useEffect(() => {
    const element = canvas.current!;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { x, y } = place(event);
      if (event.ctrlKey || event.metaKey || !event.shiftKey) setView((was) => zoomed(was, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y));
      else setView((was) => moved(was, -event.deltaY, 0));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);
  const edgeUnder = (event: { clientX: number; clientY: number }): number | null => {
    const { x, y } = place(event);
    return edgeHit(picture.scene.boxes, picture.columnEdges, (x - view.left) / view.zoom, (y - view.top) / view.zoom, 6 / view.zoom);
  };
  const hovered = (event: React.PointerEvent) => {
    const found = under(event);
    hover(found?.index ?? null);
    if (edge?.pinned) return;
    const at = found ? null : edgeUnder(event);
    if (at !== edge?.at) setShownEdge(at === null ? null : { at, ...place(event), pinned: false });
  };
  const nextEdge = () => {
    const at = edge ? (edge.at + 1) % picture.columnEdges.length : 0;
    const point = middle(picture.scene.boxes, picture.columnEdges[at]!);
    if (point) setShownEdge({ at, x: point.x * view.zoom + view.left, y: point.y * view.zoom + view.top, pinned: true });
  };
  const pressed = (event: React.PointerEvent) => {
    const found = under(event);
    const { x, y } = place(event);
    const at = found ? null : edgeUnder(event);
    setShownEdge(at === null ? null : { at, x, y, pinned: true });
    if (at !== null) return undefined;
    const frame = found ? null : header(picture.scene.frames, (x - view.left) / view.zoom, (y - view.top) / view.zoom);
    return frame ? close(frame.label) : choose(found);
  };
  const hand = usePointer({ under, pressed, open, hovered, left: () => (hover(null), edge?.pinned || setShownEdge(null)), move: (dx, dy) => setView((was) => moved(was, dx, dy)), pinch: (by, x, y) => setView((was) => zoomed(was, by, x, y)), place });
  const keyed = (event: React.KeyboardEvent) => {
    const centre = [size.width / 2, size.height / 2] as const;
    if (event.key === "+" || event.key === "=") setView(zoomed(view, 1.25, ...centre));
    else if (event.key === "-") setView(zoomed(view, 0.8, ...centre));
    else if (event.key === "0") fitNow();
    else if (event.key === "Escape" && edge) setShownEdge(null);
    else if (event.key === "Escape") choose(null);
    else if (event.key === "e" && picture.columnEdges.length) nextEdge();
    else if (event.key === "c" && picture.chosen !== null && groupOf(picture, picture.chosen)) close(groupOf(picture, picture.chosen)!);
    else if (event.key === "Enter" && picture.chosen !== null) open(picture.chosen);
    else if (event.key.startsWith("Arrow")) {
      const next = picture.chosen === null ? 0 : neighbour(picture.chosen, event.key, picture.scene.boxes, links);
      if (next !== null && picture.scene.boxes[next]) {
        choose({ index: next, row: null });
        setView(centred(picture.scene.boxes[next], size, Math.max(view.zoom, 0.6)));
      }
    } else return;
    event.preventDefault();
  };
  return (
    <div className="canvas" ref={holder}>
      <canvas ref={canvas} tabIndex={0} role="application" aria-label={label} onKeyDown={keyed} {...hand} />
      {edge && <EdgePopover edges={picture.columnEdges} at={edge.at} x={edge.x} y={edge.y} size={size} close={edge.pinned ? () => (setShownEdge(null), canvas.current?.focus()) : undefined} />}
      <Minimap picture={picture} view={view} size={size} move={setView} theme={theme} />
      <div className="zoom" role="group" aria-label="Zoom">
        <button type="button" className="button small plain" aria-label="Smaller" onClick={() => setView(zoomed(view, 0.8, size.width / 2, size.height / 2))}><Icon name="minus" size={14} /></button>
        <span className="small" aria-live="off">{Math.round(view.zoom * 100)}%</span>
        <button type="button" className="button small plain" aria-label="Larger" onClick={() => setView(zoomed(view, 1.25, size.width / 2, size.height / 2))}><Icon name="plus" size={14} /></button>
        <button type="button" className="button small plain" aria-label="Show all" onClick={fitNow}><Icon name="fit" size={14} /></button>
      </div>
    </div>
  );
}

/** The open group in which a box lies. */
function groupOf({ scene }: Picture, index: number): string | undefined {
  const box = scene.boxes[index]!;
  return scene.frames.find((frame) => frame.closes && box.x >= frame.x && box.x < frame.x + frame.width && box.y >= frame.y && box.y < frame.y + frame.height)?.label;
}

/** The last whole picture, as it would lie under the new view: sharp again when the hand rests. */
function shift(element: HTMLCanvasElement, image: HTMLCanvasElement, was: View, now: View, ratio: number): void {
  const pen = element.getContext("2d");
  if (!pen) return;
  const by = now.zoom / was.zoom;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = colours().bg;
  pen.fillRect(0, 0, element.width, element.height);
  pen.setTransform(by, 0, 0, by, (now.left - was.left * by) * ratio, (now.top - was.top * by) * ratio);
  pen.drawImage(image, 0, 0);
}

interface Hands {
  under: (event: React.PointerEvent) => Hit | null;
  place: (event: React.PointerEvent) => { x: number; y: number };
  pressed: (event: React.PointerEvent) => void;
  open: (index: number) => void;
  hovered: (event: React.PointerEvent) => void;
  left: () => void;
  move: (dx: number, dy: number) => void;
  pinch: (by: number, x: number, y: number) => void;
}

function usePointer({ under, place, pressed, open, hovered, left, move, pinch }: Hands) {
  const held = useRef(new Map<number, { x: number; y: number }>());
  const far = useRef(0);
  return {
    onPointerDown: (event: React.PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      held.current.set(event.pointerId, place(event));
      far.current = 0;
    },
    onPointerMove: (event: React.PointerEvent) => {
      const from = held.current.get(event.pointerId);
      if (!from) return hovered(event);
      const at = place(event);
      held.current.set(event.pointerId, at);
      const other = [...held.current].find(([id]) => id !== event.pointerId)?.[1];
      if (other) return pinch(Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, Math.hypot(from.x - other.x, from.y - other.y)), other.x, other.y);
      far.current += Math.abs(at.x - from.x) + Math.abs(at.y - from.y);
      return move(at.x - from.x, at.y - from.y);
    },
    onPointerUp: (event: React.PointerEvent) => {
      if (held.current.delete(event.pointerId) && far.current < 5) pressed(event);
    },
    onPointerCancel: (event: React.PointerEvent) => void held.current.delete(event.pointerId),
    onPointerLeave: left,
    onDoubleClick: (event: React.MouseEvent) => {
      const found = under(event as unknown as React.PointerEvent);
      if (found) open(found.index);
    },
  };
}
