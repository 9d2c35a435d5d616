// Goes through a page by Tab alone.

/** Elements that Tab must reach, those that it does not, and those that do not look focused when they are. */
export async function keyboard(page) {
  const wanted = await page.evaluate(prepare);
  const reached = new Set();
  const faint = new Set();
  for (let pressed = 0; pressed < wanted.length + 2; pressed++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(focused);
    if (at === null) continue;
    reached.add(at.index);
    if (!at.shows) faint.add(at.index);
  }
  const named = (indexes) => indexes.map((index) => wanted[index]);
  const missed = wanted.map((_, index) => index).filter((index) => !reached.has(index));
  return { wanted: wanted.length, missed: named(missed), faint: named([...faint]) };
}

/** Notes every interactive element and how it looks without focus. Runs in the page. */
function prepare() {
  const looks = (element) => {
    const style = getComputedStyle(element);
    return [style.boxShadow, style.backgroundColor, style.borderTopColor, style.borderTopWidth].join();
  };
  const interactive = "a[href], button, input, select, textarea, summary, [tabindex], [onclick], [role=button], [role=link]";
  const elements = [...document.querySelectorAll(interactive)].filter(
    (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.getAttribute("tabindex") !== "-1",
  );
  document.activeElement?.blur();
  globalThis.judged = { elements, looks, unfocused: elements.map(looks) };
  return elements.map((element) => `${element.localName} ${(element.innerText || element.title || "").slice(0, 40).trim()}`);
}

/** The focused element, and whether it looks focused and is on the screen; null when it is none of the page's. */
function focused() {
  const { elements, looks, unfocused } = globalThis.judged;
  const element = document.activeElement;
  const index = elements.indexOf(element);
  if (index < 0) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  const box = element.getBoundingClientRect();
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0;
  return { index, shows: seen && (outlined || looks(element) !== unfocused[index]) };
}
