/** What part of the scene is in view: scene x appears at (x * zoom + left). Pure. */
export interface View {
  zoom: number;
  left: number;
  top: number;
}
export interface Size {
  width: number;
  height: number;
}
export interface Area extends Size {
  x: number;
  y: number;
}

export const ZOOM = { least: 0.03, most: 2.5 };
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Zooms about a point of the screen, which keeps its place. */
export function zoomed(view: View, factor: number, x: number, y: number): View {
  const zoom = clamp(view.zoom * factor, ZOOM.least, ZOOM.most);
  const by = zoom / view.zoom;
  return { zoom, left: x - (x - view.left) * by, top: y - (y - view.top) * by };
}

export const moved = (view: View, dx: number, dy: number): View => ({ ...view, left: view.left + dx, top: view.top + dy });

/** The whole area in the middle of the screen, never larger than life. */
export function fitted(area: Area, screen: Size, margin = 16): View {
  const zoom = clamp(Math.min((screen.width - 2 * margin) / Math.max(1, area.width), (screen.height - 2 * margin) / Math.max(1, area.height), 1), ZOOM.least, 1);
  return {
    zoom,
    left: Math.max(margin, (screen.width - area.width * zoom) / 2) - area.x * zoom,
    top: Math.max(margin, (screen.height - area.height * zoom) / 2) - area.y * zoom,
  };
}

/** A box in the middle of the screen, at a zoom at which it can be read. */
export function centred(box: Area, screen: Size, zoom: number): View {
  return { zoom, left: screen.width / 2 - (box.x + box.width / 2) * zoom, top: screen.height / 2 - (box.y + box.height / 2) * zoom };
}

/** The part of the scene that the screen shows. */
export function seen(view: View, screen: Size): Area {
  return { x: -view.left / view.zoom, y: -view.top / view.zoom, width: screen.width / view.zoom, height: screen.height / view.zoom };
}

export const touches = (a: Area, b: Area): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
