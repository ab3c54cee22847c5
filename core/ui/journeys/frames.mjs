/** How quick the picture of a large graph is: told.graph is a file with the server's answer. Prints one line of figures by `ask`. */
import { readFileSync } from "node:fs";
import { must } from "./must.mjs";

export default async function walk({ open, ask, told }) {
  const page = await open({ viewport: { width: 1600, height: 1000 } });
  const body = readFileSync(told.graph, "utf8");
  await page.route("**/api/v1/graph?*", (route) => route.fulfill({ contentType: "application/json", body }));
  await page.evaluate(() => {
    // The first frame in which edges are drawn, and the moment at which its data had come.
    const stroke = CanvasRenderingContext2D.prototype.stroke;
    window.painted = null;
    CanvasRenderingContext2D.prototype.stroke = function (...given) {
      if (window.painted === null && this.canvas.width > 800) {
        window.painted = 0;
        requestAnimationFrame(() => (window.painted = performance.now()));
      }
      return stroke.apply(this, given);
    };
    const json = Response.prototype.json;
    Response.prototype.json = async function () {
      const found = await json.call(this);
      if (this.url.includes("/graph?")) window.came = performance.now();
      return found;
    };
    window.location.hash = "#/graph?group=none&as=picture";
  });
  await page.waitForFunction(() => window.painted > 0, null, { timeout: 120_000 });
  const first = await page.evaluate(() => window.painted - window.came);
  const box = await page.getByRole("application").boundingBox();
  await page.evaluate(() => {
    window.frames = [];
    let last = performance.now();
    const next = (now) => (window.frames.push(now - last), (last = now), requestAnimationFrame(next));
    requestAnimationFrame(next);
  });
  const frames = async (act) => {
    await page.evaluate(() => void (window.frames = []));
    await act();
    const found = (await page.evaluate(() => window.frames)).slice(1).sort((a, b) => a - b);
    return { median: found[found.length >> 1], p95: found[Math.floor(found.length * 0.95)], count: found.length };
  };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const idle = await frames(() => page.waitForTimeout(1500));
  await page.waitForTimeout(800);
  const pan = await frames(async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let at = 0; at < 60; at += 1) await page.mouse.move(x + 3 * at, y + at);
    await page.mouse.up();
  });
  const zoom = await frames(async () => {
    for (let at = 0; at < 30; at += 1) await page.mouse.wheel(0, at < 15 ? -120 : 120);
  });
  await page.waitForTimeout(1000);
  const ms = (one) => `${one.median.toFixed(0)}/${one.p95.toFixed(0)}`;
  must(pan.count > 3, "frames were drawn while the hand moved");
  await ask(`first paint ${first.toFixed(0)} ms after the data   frames, median/p95 ms: idle ${ms(idle)}, pan ${ms(pan)}, zoom ${ms(zoom)}`);
}
