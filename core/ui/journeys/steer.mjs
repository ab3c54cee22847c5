/** A run is launched from the graph and cancelled; launched again, left by its process and resumed; then both are compared. */
import { must, visit } from "./must.mjs";

const SLOW = "raw_slow.things";

/** From the picture: a click on the asset, the plan, the run that begins. */
async function launched(page) {
  await visit(page, `graph?select=${SLOW}&as=picture`);
  const canvas = page.getByRole("application");
  await canvas.waitFor();
  const beside = page.getByRole("complementary");
  must((await beside.count()) === 0, "nothing is chosen yet");
  await canvas.click(); // one asset alone begins in the middle
  await beside.getByRole("heading", { name: SLOW }).waitFor();
  await beside.getByRole("link", { name: "Plan a build" }).click();
  await page.getByRole("button", { name: "run without" }).click();
  await page.locator(".launch-bar").getByRole("button", { name: "Build 1", exact: true }).click();
  await page.getByRole("heading", { name: /^#\d+$/ }).waitFor();
  await page.locator("table.items").getByText("Running").waitFor();
  return (await page.getByRole("heading", { name: /^#\d+$/ }).innerText()).slice(1);
}

export default async function walk({ open, ask }) {
  const page = await open();
  page.setDefaultTimeout(180_000); // runs are begun and ended here, on a machine that may be busy
  const heading = page.locator(".head .pill");
  await launched(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await heading.filter({ hasText: "Cancelled" }).waitFor();
  must((await page.getByRole("button", { name: "Resume" }).count()) === 0, "what was cancelled is retried, not resumed");

  const number = await launched(page);
  must((await ask(`left ${number}`)) === "killed", "the process of the run was killed");
  await page.getByRole("button", { name: "Resume" }).click();
  await heading.filter({ hasText: "Succeeded" }).waitFor();

  await page.getByRole("link", { name: /^Compare with #\d+$/ }).click();
  const row = page.getByRole("row").filter({ hasText: SLOW });
  await row.getByText("Cancelled").waitFor();
  await row.getByText("Built").waitFor();
  await page.getByText("1 item", { exact: true }).waitFor();
}
