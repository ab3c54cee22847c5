/** The log of the newest run: a word is found in it, and it is saved as a file. Then the list of runs, narrowed. */
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
  await narrowed(page);
}

/** The list by what began the runs: the numbers on the filters and the rows are those of the server, and an address brings them back. */
async function narrowed(page) {
  const total = async (trigger, act) => {
    const asked = page.waitForResponse((one) => one.url().includes("/runcounts") && (new URL(one.url()).searchParams.get("trigger") ?? "") === trigger);
    await act();
    const { states } = await (await asked).json();
    const size = Object.values(states).reduce((sum, one) => sum + one, 0);
    await page.getByRole("button", { name: `All ${size}`, exact: true }).waitFor();
    await page.waitForFunction((rows) => document.querySelectorAll("tbody tr").length === rows, size);
    return size;
  };
  const all = await total("", () => visit(page, "runs?period=7"));
  const here = await total("browser", () => page.getByLabel("Trigger").selectOption("browser"));
  must(page.url().includes("period=7") && page.url().includes("trigger=browser"), "the address tells what is shown");
  const typed = await total("terminal", () => page.getByLabel("Trigger").selectOption("terminal"));
  must(all > 0 && here + typed === all, `each run was begun here or typed: ${here} and ${typed} of ${all}`);
  await page.reload();
  await page.getByLabel("Trigger").waitFor();
  must((await page.getByLabel("Trigger").inputValue()) === "terminal" && (await page.getByLabel("Period").inputValue()) === "7", "a reload keeps what was chosen");
}
