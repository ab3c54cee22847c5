/** One real Chromium for all journeys: node walk.mjs CHROMIUM. Each line of input is {"journey", "url", ...}; it answers with a line of
 * what was wrong. Every error of a page, each thing that its security policy forbids,
 * and every request to another host is wrong. */
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const sessions = new Map(); // of each server: its URL is good once

/** What a journey is given: `open` makes a page of a person (a stranger when asked), `ask` waits for whoever began it. */
function given(browser, told, wrong) {
  const host = new URL(told.url).host;
  const root = told.url.split("?")[0];
  const contexts = [];
  const open = async ({ stranger = false, ...options } = {}) => {
    const known = stranger ? undefined : sessions.get(host);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: known, ...options });
    contexts.push(context);
    context.setDefaultTimeout(60_000);
    await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`against the policy: ${event.violatedDirective} ${event.blockedURI}`)));
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`error on the page: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && !message.text().includes("Failed to load resource") && wrong.push(`console: ${message.text()}`));
    page.on("request", (request) => new URL(request.url()).host === host || /^(blob|data):/.test(request.url()) || wrong.push(`asked another host: ${request.url()}`));
    await page.goto(known || stranger ? root : told.url);
    if (!known && !stranger) sessions.set(host, await context.storageState());
    return page;
  };
  const ask = async (words) => (console.log(words), (await lines.next()).value);
  return { open, ask, told, close: () => Promise.all(contexts.map((context) => context.close())) };
}

const args = process.getuid?.() === 0 ? [...FLAGS, "--no-sandbox"] : FLAGS;
const browser = await chromium.launch({ executablePath: process.argv[2], args });
for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const told = JSON.parse(line.value);
  const wrong = [];
  const one = given(browser, told, wrong);
  try {
    await (await import(`./${told.journey}.mjs`)).default(one);
  } catch (error) {
    wrong.push(String(error.stack ?? error));
  } finally {
    await one.close();
  }
  console.log(JSON.stringify(wrong));
}
await browser.close();
