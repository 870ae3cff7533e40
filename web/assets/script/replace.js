// What the scripts of pages share; they begin with it.

const LONGEST_WAIT = 15_000;

const parser = new DOMParser();

/** Asks for a page; gives up in time. */
const ask = (url, options = {}) =>
  fetch(url, { ...options, headers: { accept: "text/html" }, signal: AbortSignal.timeout(LONGEST_WAIT) });

/** The page that `answer` holds. */
const read = async (answer) => parser.parseFromString(await answer.text(), "text/html");

/** What distinguishes something that can have the focus from all others in its region. */
const identity = (element) =>
  element.id ||
  [element.localName, element.form?.action, element.getAttribute("href"), element.name, element.value].join("|");

const focusable = (region) => [...region.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];

/** Whether somebody types or chooses in `region`, whose field must not vanish below them. */
const isBeingTypedIn = (region) =>
  region.contains(document.activeElement) &&
  document.activeElement.matches("input:not([type=submit], [type=button]), select, textarea");

const focusOn = (element) => {
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
};

/**
 * Replaces the region `id` by that of `page`. The focus stays on what had it or on what that stood in, wherever it stands by now, or goes
 * to what stands in its place; what was unfolded stays so. Answers the new region, or nothing where one of the two has none.
 */
const replace = (id, page) => {
  const [old, region] = [document.getElementById(id), page.getElementById(id)];
  if (!old || !region) return undefined;
  const focused = old.contains(document.activeElement) ? document.activeElement : undefined;
  const around = focusable(old).filter((element) => element.contains(document.activeElement)).reverse();
  const [names, place] = [around.map(identity), focusable(old).indexOf(focused)];
  const unfolded = new Set([...old.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  for (const summary of region.querySelectorAll("details > summary")) {
    if (unfolded.has(summary.textContent)) summary.parentElement.open = true;
  }
  old.replaceWith(document.adoptNode(region));
  if (focused) {
    const now = focusable(region);
    const same = names.map((name) => now.find((element) => identity(element) === name)).find(Boolean);
    focusOn(same ?? now[Math.min(place, now.length - 1)] ?? region);
  }
  return region;
};

/** Shows what `page` says once, in the region that screen readers listen to, and how much the basket holds by now, with the way to it. */
const showFrame = (page) => {
  const [said, status] = [page.getElementById("bildirim"), document.getElementById("bildirim")];
  if (said?.childElementCount) status?.replaceChildren(...said.children);
  replace("kisayollar", page);
  replace("ana-menu", page);
};

/** Goes to the page that `answer` holds. What it says once it has said to us: it is kept until that page is there. */
const goTo = (answer, page) => {
  const said = page.getElementById("bildirim")?.textContent.trim();
  if (said) sessionStorage.setItem("said", said);
  location.assign(answer.url);
};
