/** The log of the newest run: a word is found in it, and it is saved as a file. */
import { readFileSync } from "node:fs";
import { must, visit } from "./must.mjs";

export default async function walk({ open }) {
  const page = await open();
  await visit(page, "runs/latest");
  const log = page.getByRole("log");
  const words = "Running with dbt";
  await log.getByText(words).first().waitFor();
  await page.getByLabel("Find in the log").fill(words.toUpperCase());
  await log.locator("mark").filter({ hasText: words }).first().waitFor();
  // What was sought is marked, and nothing else, wherever it stands: a run may call dbt more than once, and a log comes in parts.
  await page.waitForFunction((sought) => {
    const element = document.querySelector("[role=log]");
    const marks = [...element.querySelectorAll("mark")];
    return marks.every((one) => one.textContent === sought) && marks.length === element.textContent.split(sought).length - 1;
  }, words);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the log" }).click()]);
  must(/^run-\d+-.+\.log$/.test(saved.suggestedFilename()) || /^run-latest-.+\.log$/.test(saved.suggestedFilename()), `the file is named by its run: ${saved.suggestedFilename()}`);
  must(readFileSync(await saved.path(), "utf8").includes(words), "the file is the log that was read");
}
