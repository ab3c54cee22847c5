/** Each page on the width of a phone: nothing reaches beyond the screen, and the graph is a list. */
import { must, visit } from "./must.mjs";

const PAGES = ["overview", "graph", "asset/drinkers", ...["Columns", "Lineage", "Runs", "Settings"].map((one) => `asset/drinkers?tab=${one}`), "column/drinkers.spent", "runs", "runs/latest", "launch", "automation", "freshness", "alerts", "checks", "cost", "compare", "findings", "settings", "people"];

export default async function walk({ open }) {
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  for (const name of PAGES) {
    await visit(page, name);
    await page.locator("main").first().waitFor();
    const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector("main").scrollWidth));
    must(wide <= 360, `${name} fits: ${wide} px`);
    must((await page.getByRole("alert").count()) === 0, `${name} has no problem: ${await page.locator("main").innerText()}`);
    if (/^(asset|column)/.test(name)) {
      await page.locator(".head h1, .head code, .crumbs span").evaluateAll((texts) => texts.forEach((one) => (one.textContent = "l".repeat(200))));
      const long = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector("main").scrollWidth));
      must(long <= 360, `${name} fits with a name of 200 letters: ${long} px`);
      await page.reload();
    }
  }
  await page.locator(".tabbar").getByRole("link", { name: "Graph" }).click();
  const asset = page.getByRole("link", { name: "drinkers", exact: true });
  await asset.waitFor();
  await asset.click();
  await page.getByRole("heading", { name: "drinkers" }).waitFor();
  const small = await page.locator(".tabbar a").evaluateAll((links) => links.filter((one) => one.getBoundingClientRect().height < 44).length);
  must(small === 0, "what is touched is large enough");
}
