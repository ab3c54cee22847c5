/** Groups that were closed stay closed: after a lens, in the list, and when the page is opened anew by its address. */
import { must, visit } from "./must.mjs";

export default async function walk({ open }) {
  const page = await open();
  await visit(page, "graph?group=schema&as=list");
  const heads = page.locator(".group-head");
  await heads.first().waitFor();
  const name = (await heads.first().innerText()).split("\n")[0];
  must((await heads.first().getAttribute("aria-expanded")) === "true", "groups are open in a small project");
  await heads.first().click();
  must((await heads.first().getAttribute("aria-expanded")) === "false", `${name} was closed`);
  await page.getByRole("button", { name: "picture" }).or(page.locator('[aria-label="How to show it"] button').first()).first().click();
  const canvas = page.getByRole("application");
  await canvas.waitFor();
  await page.getByRole("button", { name: "Would run now" }).click();
  await page.locator(".legend").getByText(/would run/).waitFor();
  must(page.url().includes("collapse=") && page.url().includes("lens=next"), `the address tells what is shown: ${page.url()}`);
  await page.reload();
  await canvas.waitFor();
  await page.locator('[aria-label="How to show it"] button').nth(1).click();
  must((await heads.first().getAttribute("aria-expanded")) === "false", `${name} is closed still`);
  await heads.first().click();
  must((await heads.first().getAttribute("aria-expanded")) === "true", `${name} is open again`);
}
