/** Each page, light and dark, and those that differ most on a phone, is looked at by axe: nothing that keeps somebody out. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { must, visit } from "./must.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["overview", "graph", "graph?as=list", "asset/drinkers?column=spent", ...["Columns", "Lineage", "Runs", "Checks", "SQL", "Cost", "Settings"].map((one) => `asset/drinkers?tab=${one}`), "column/drinkers.spent", "runs", "runs/latest", "launch", "automation", "freshness", "alerts", "checks", "cost", "compare", "findings", "settings", "people"];
const PHONE = ["overview", "graph", "asset/drinkers", "runs/latest", "launch"];

export default async function walk({ open }) {
  const page = await open();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.evaluate(AXE);
  const found = [];
  for (const [theme, names, width] of [["light", PAGES, 1440], ["dark", PAGES, 1440], ["dark", PHONE, 390]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate((one) => void (document.documentElement.dataset.theme = one), theme);
    for (const name of names) {
      await visit(page, name);
      const wrong = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
        return violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary?.split("\n")[1] ?? ""}`).join(" | ")}`);
      });
      found.push(...wrong.map((words) => `${name} in ${theme}, ${width} px: ${words}`));
    }
  }
  must(found.length === 0, found.join("\n"));
}
