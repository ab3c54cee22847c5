/** How many columns the layers of a graph are wrapped into, so that a whole estate is no thin band. Pure. */
const SCREEN = { width: 1150, height: 740 }; // what a wide page shows; constant, so that a picture is the same everywhere
const GAIN = 1.25; // a fit that is this much larger is worth it
const MOST = 8; // columns of one layer

/** One layer under measure: its height when wrapped into so many columns, and the width that each column takes. */
export interface Layer {
  height: (columns: number) => number;
  column: number;
  size: number; // of its largest group: more columns than that are of no use
}

export const zoomOf = (width: number, height: number): number => Math.min(SCREEN.width / Math.max(1, width), SCREEN.height / Math.max(1, height), 1);

/** The columns of each layer. A height is tried after the other; each layer takes the fewest columns that keep it. */
export function wrapped(layers: readonly Layer[], aisle: number): { columns: number[]; zoom: number } {
  const measure = (columns: readonly number[]) =>
    zoomOf(
      layers.reduce((sum, layer, at) => sum + columns[at]! * layer.column + aisle, 0),
      Math.max(1, ...layers.map((layer, at) => layer.height(columns[at]!))),
    );
  const fewest = (layer: Layer, height: number) => {
    let columns = 1;
    while (columns < Math.min(MOST, layer.size) && layer.height(columns) > height) columns += 1;
    return columns;
  };
  const plain = layers.map(() => 1);
  let best = { columns: plain, zoom: measure(plain) };
  const least = best.zoom * GAIN;
  const whole = Math.max(1, ...layers.map((layer) => layer.height(1)));
  for (let height = whole; height > whole / MOST / 1.5; height *= 0.92) {
    const columns = layers.map((layer) => fewest(layer, height));
    const zoom = measure(columns);
    if (zoom > best.zoom * 1.001 && zoom >= least) best = { columns, zoom };
  }
  return best;
}
