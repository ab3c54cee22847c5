/** A column is found by its name, and followed to the field that it comes from; then seen in the graph. */
import { must } from "./must.mjs";

export default async function walk({ open }) {
  const page = await open();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  must(!page.url().includes("token"), "the address keeps no secret");
  await page.getByText("Nothing failed on its last try").waitFor();

  await page.keyboard.press("/");
  await page.keyboard.type("spent");
  const hit = page.getByRole("option", { name: /drinkers\.spent/ });
  await hit.waitFor();
  await hit.click();
  await page.getByRole("heading", { name: "drinkers.spent" }).waitFor();
  await page.getByText("sum(cups.price)").first().waitFor();
  const path = await page.locator("ol li").allInnerTexts();
  must(path[0].includes("raw_cups.cents"), `the path begins at the field: ${path[0]}`);
  must(path.some((text) => text.includes("Aggregation")), "the aggregation is named");

  await page.getByRole("button", { name: "Direct", exact: true }).click();
  await page.getByRole("link", { name: "Show in graph" }).click();
  const canvas = page.getByRole("application");
  await canvas.waitFor();
  must((await canvas.getAttribute("aria-label")).startsWith("Graph of "), "the picture says what it is");
  // It is drawn with the next frame, whenever that is: something is there when there are more than 20 colours.
  await page.waitForFunction((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    return new Set(Array.from({ length: data.length / 4 }, (_, at) => (data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2])).size > 20;
  }, await canvas.elementHandle());

  // Each edge tells its type and expression: by the keyboard, and where the pointer is on it.
  await canvas.focus();
  const told = page.locator(".edge-popover");
  for (let turn = 0; turn < 12 && !((await told.count()) && (await told.innerText()).includes("sum(cups.price)")); turn += 1) await page.keyboard.press("e");
  await told.getByText("sum(cups.price)").waitFor();
  must((await told.innerText()).includes("Aggregation") && (await told.innerText()).includes("drinkers.spent"), "the edge says its type and its end");
  const at = await told.evaluate((element) => element.dataset.at.split(",").map(Number));
  await page.keyboard.press("Escape");
  must((await told.count()) === 0, "the edge was closed");
  const corner = await canvas.boundingBox();
  await page.mouse.move(corner.x + at[0], corner.y + at[1]);
  await told.getByText("sum(cups.price)").waitFor();
  await page.mouse.click(corner.x + at[0], corner.y + at[1]);
  await told.getByRole("button", { name: "Close the edge" }).click();
  must((await told.count()) === 0, "the edge was closed by its button");

  await page.getByRole("link", { name: "Graph", exact: false }).first().click();
  await canvas.waitFor();
  await canvas.focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("complementary").waitFor();
  await page.getByRole("button", { name: "Dark colours" }).click();
  must((await page.evaluate(() => document.documentElement.dataset.theme)) === "dark", "the colours are dark");
}
