// What a person does by keyboard, and what must come of it.

// A page that loads itself again does so within this time; one that does not has nothing to lose.
const RELOAD_MS = 8000;

export function act(name, page, plan) {
  return { link, fold, redrive, focus_stays, fold_stays }[name](page, plan);
}

/** Presses Tab until an element of that kind has the focus. */
async function tab_to(page, selector) {
  for (let pressed = 0; pressed < 300; pressed++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}

/** The page's next load of itself, if there is one. */
async function reloaded(page) {
  await page.waitForEvent("load", { timeout: RELOAD_MS }).catch(() => {});
}

/** Enter follows a link. */
async function link(page, plan) {
  await page.goto(`${plan.url}/?refresh=off`);
  await tab_to(page, 'a[href="/metrics"]');
  await page.keyboard.press("Enter");
  await page.waitForURL("**/metrics");
}

/** Enter unfolds a span, and folds it again. */
async function fold(page, plan) {
  await page.goto(plan.url + plan.finished);
  await tab_to(page, "details > summary");
  const is_open = () => page.evaluate(() => document.activeElement.parentElement.open);
  const before = await is_open();
  await page.keyboard.press("Enter");
  if ((await is_open()) === before) return "Enter does not unfold a span";
  await page.keyboard.press("Enter");
  if ((await is_open()) !== before) return "Enter does not fold a span again";
}

/** Enter presses the button of a webhook that ended badly. */
async function redrive(page, plan) {
  await page.goto(`${plan.url}/?refresh=off`);
  await tab_to(page, "form.redrive button");
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await page.keyboard.press("Enter");
  const answer = await answered;
  if (answer.status() !== 303) return `the redrive is answered ${answer.status()}`;
}

/** The focus is where it was after the page has loaded itself again. */
async function focus_stays(page, plan) {
  await page.goto(`${plan.url}/`);
  await tab_to(page, 'a[href^="/status/"]');
  const where = () => page.evaluate(() => `${document.activeElement.localName} ${document.activeElement.getAttribute("href")}`);
  const before = await where();
  await reloaded(page);
  const after = await where();
  if (after !== before) return `the focus was on ${before}, and is on ${after}`;
}

/** A span of a running trace that was unfolded stays so after the page has loaded itself again. */
async function fold_stays(page, plan) {
  await page.goto(plan.url + plan.running);
  await tab_to(page, "details > summary");
  await page.keyboard.press("Enter");
  await reloaded(page);
  const open = await page.evaluate(() => document.querySelectorAll("details[open]").length);
  if (open !== 1) return `1 span was unfolded, and ${open} are`;
}
