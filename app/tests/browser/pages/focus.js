// Nothing at the end; else what is wrong with what has the focus, or an empty text.
const done = arguments[0];
const check = () => {
  const focused = document.activeElement;
  if (focused === document.body || focused === document.documentElement || window.walked.includes(focused)) return null;
  const before = window.walked.at(-1);
  window.walked.push(focused);
  const named = `<${focused.localName}> ${(focused.getAttribute("aria-label") ?? focused.textContent).trim().slice(0, 40)}`;
  if (before && !(before.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING)) return `not in order: ${named}`;
  // Of a link in two lines the first. A part of it suffices (WCAG 2.2, 2.4.11).
  const { left, top, width, height } = focused.getClientRects()[0];
  const places = [4, width / 2, width - 4].map((x) => document.elementFromPoint(left + x, top + Math.min(height / 2, 20)));
  const isIt = (seen) => seen && (seen.contains(focused) || focused.contains(seen) || focused.labels?.[0]?.contains(seen));
  if (!places.some(isIt)) return `hidden below <${places[1]?.localName} class="${places[1]?.className}">: ${named}`;
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return outlineStyle === "none" || outlineWidth === "0px" ? `no ring: ${named}` : "";
};
// What gets the focus comes into sight with the next picture.
requestAnimationFrame(() => requestAnimationFrame(() => done(check())));
