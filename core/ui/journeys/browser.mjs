/** A real Chromium for journeys: every error of a page and every request to another host is a failure of the journey. */
import { chromium } from "playwright-core";

const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export async function journey(walk) {
  const [url, program] = process.argv.slice(2);
  const wrong = [];
  const args = process.getuid?.() === 0 ? [...FLAGS, "--no-sandbox"] : FLAGS;
  const browser = await chromium.launch({ executablePath: program, args });
  const open = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`error on the page: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && !message.text().includes("Failed to load resource") && wrong.push(`console: ${message.text()}`));
    page.on("request", (request) => new URL(request.url()).host === new URL(url).host || /^(blob|data):/.test(request.url()) || wrong.push(`asked another host: ${request.url()}`));
    return page;
  };
  try {
    await walk({ open, url });
  } catch (error) {
    wrong.push(String(error));
  } finally {
    await browser.close();
  }
  for (const one of wrong) console.error(one);
  process.exit(wrong.length ? 1 : 0);
}

export function must(held, words) {
  if (!held) throw new Error(`not so: ${words}`);
}
