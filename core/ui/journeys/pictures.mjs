/** Pictures of all pages for a look: node pictures.mjs URL CHROMIUM FOLDER [NAME=ADDRESS ...]. Light, dark and phone. */
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [url, program, folder, ...named] = process.argv.slice(2);
const pages = named.map((one) => one.split(/=(.*)/s).slice(0, 2));
mkdirSync(folder, { recursive: true });
const args = ["--disable-gpu", "--no-first-run", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
const browser = await chromium.launch({ executablePath: program, args });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
page.on("pageerror", (error) => console.error(`error on the page: ${error.message}`));
await page.goto(url);
for (const [looks, size] of [["light", [1440, 900]], ["dark", [1440, 900]], ["phone", [390, 844]]]) {
  await page.setViewportSize({ width: size[0], height: size[1] });
  await page.evaluate((theme) => window.localStorage.setItem("penstock.theme", theme), looks === "dark" ? "dark" : "light");
  await page.reload();
  for (const [name, address] of pages) {
    await page.evaluate((hash) => void (window.location.hash = hash), `#/${address}`);
    await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), null, { timeout: 60_000 }).catch(() => console.error(`${name} is still loading`));
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${folder}/${name}-${looks}.png` });
    const wide = await page.evaluate(() => document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth);
    if (wide > 0) console.error(`${name} in ${looks} is ${wide} px too wide`);
  }
}
await browser.close();
