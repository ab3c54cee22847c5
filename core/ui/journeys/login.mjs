/** A person logs in, reads, and cannot start what they have no right to start; then logs out. */
import { must } from "./must.mjs";

export default async function walk({ open, told }) {
  const page = await open({ stranger: true });
  const password = told.password;
  await page.getByLabel("User").fill("reader");
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();

  await page.getByRole("link", { name: "Plan & run" }).click();
  await page.getByRole("button", { name: "Needs the right operate" }).waitFor();
  must(await page.getByRole("button", { name: "Needs the right operate" }).isDisabled(), "a reader starts nothing");
  const refused = await page.evaluate(async () => (await fetch("api/v1/plans", { method: "POST", headers: { "content-type": "application/json", "x-penstock": "1" }, body: "{}" })).status);
  must(refused === 403, `the server refuses it too: ${refused}`);

  await page.evaluate(() => void (window.location.hash = "#/people"));
  await page.getByRole("cell", { name: "reader" }).or(page.getByText("reader", { exact: true })).first().waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("User").waitFor();
}
