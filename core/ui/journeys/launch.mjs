/** A plan is launched and watched live to its failure; what broke is mended elsewhere; the retry ends well. */
import { must } from "./must.mjs";

export default async function walk({ open, ask }) {
  const page = await open();
  await page.getByRole("link", { name: "Plan & run" }).click();
  const build = page.getByRole("button", { name: /^Build \d+$/ });
  await build.waitFor();
  await page.getByText("first build in dev").first().waitFor();
  must((await page.locator(".launch-bar code").innerText()) === "penstock build", "the command line that does the same");
  await build.click();

  // From here nothing is loaded anew: what changes comes by the stream of events.
  const heading = page.locator(".head .pill");
  await page.getByRole("heading", { name: /^#\d+$/ }).waitFor();
  await page.getByRole("table", { name: "Timeline of steps" }).waitFor({ timeout: 120_000 });
  await heading.filter({ hasText: "Failed" }).waitFor({ timeout: 180_000 });
  await page.locator(".panel.bad").getByText("cups", { exact: true }).waitFor();
  await page.locator(".panel.bad .line.failed").getByText("cent").first().waitFor();
  await page.getByRole("log").getByText(/cent/).first().waitFor();
  const retry = page.getByRole("link", { name: /^Retry \d+ items$/ });
  await retry.waitFor();

  must((await ask("failed")) === "mended", "the model was mended");
  await retry.click();
  const again = page.getByRole("button", { name: /^Retry \d+$/ });
  await again.waitFor();
  await again.click();
  await heading.filter({ hasText: "Succeeded" }).waitFor({ timeout: 180_000 });
  await page.getByRole("link", { name: "Overview" }).first().click();
  await page.getByText("Nothing failed on its last try").waitFor();
}
