// Looks at pages in Chromium and tells what it sees. A plan is read from standard input, facts are written to standard output;
// judge.py compares them with the cases.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { act } from "./acts.mjs";
import { keyboard } from "./keyboard.mjs";

const installed = createRequire(`${process.env.JUDGE_HOME}/package.json`);
const { chromium } = installed("playwright-core");
const { source: axe } = installed("axe-core");

// Chromium itself asks nobody: what leaves the browser is a page's doing.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const HEIGHT = 900;

const plan = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({ executablePath: plan.chromium, args: FLAGS });
const facts = { visits: {}, acts: {} };
try {
  for (const visit of plan.visits) facts.visits[visit.key] = await facts_of(visit);
  for (const name of plan.acts) facts.acts[name] = await told(name);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(facts));

/** A page in a context of its own, which notes what it asks for and what it complains about. */
async function open({ width, scheme }) {
  const context = await browser.newContext({ viewport: { width, height: HEIGHT }, colorScheme: scheme });
  const page = await context.newPage();
  const noted = { hosts: new Set(), complaints: [] };
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:") noted.hosts.add(url.host);
  });
  page.on("pageerror", (error) => noted.complaints.push(String(error)));
  page.on("console", (message) => {
    // That a page's own status is an error is no complaint of the page.
    const own = message.location().url === page.url() && message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !own) noted.complaints.push(message.text());
  });
  return { context, page, noted };
}

/** Goes to `GET` paths, and sends the form of `POST` paths as a page of the service would. */
async function go(page, path) {
  const [method, target] = path.includes(" ") ? path.split(" ") : ["GET", path];
  if (method === "GET") {
    await page.goto(plan.url + target, { waitUntil: "load" });
    return;
  }
  await page.goto(plan.url + "/?refresh=off", { waitUntil: "load" });
  const loaded = page.waitForEvent("load");
  await page.evaluate((action) => {
    const form = document.body.appendChild(document.createElement("form"));
    Object.assign(form, { method: "post", action });
    form.submit();
  }, target);
  await loaded;
}

/** Lets the page load so many documents and no more: one that loads itself again would take the examination with it. */
async function stand_still(page, documents) {
  let left = documents;
  await page.route("**/*", (route) => {
    const refused = route.request().isNavigationRequest() && left-- <= 0;
    return refused ? route.abort("aborted") : route.continue();
  });
}

/** All facts of one page at one width in one scheme of colours. */
async function facts_of(visit) {
  const { context, page, noted } = await open(visit);
  try {
    await stand_still(page, visit.path.includes(" ") ? 2 : 1);
    await go(page, visit.path);
    if (visit.unfold) await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const violations = found.violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact,
      help,
      places: nodes.length,
      first: String(nodes[0].target),
    }));
    const scroll = await page.evaluate(() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]);
    const keys = visit.keyboard ? await keyboard(page) : null;
    const title = await page.title();
    return { title, rules: found.passes.length, violations, scroll, keys, hosts: [...noted.hosts], complaints: noted.complaints };
  } finally {
    await context.close();
  }
}

/** What an act came to: nothing when it holds, and a problem in words. */
async function told(name) {
  const { context, page } = await open({ width: 1280, scheme: "light" });
  try {
    return (await act(name, page, plan)) ?? null;
  } catch (error) {
    return `${error}`;
  } finally {
    await context.close();
  }
}
