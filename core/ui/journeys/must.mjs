/** What a journey says must be so. */
export function must(held, words) {
  if (!held) throw new Error(`not so: ${words}`);
}

/** To another page of the front end, as a link there leads; waits until it has what it asked for. */
export async function visit(page, address) {
  await page.evaluate((hash) => void (window.location.hash = hash), `#/${address}`);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
}
