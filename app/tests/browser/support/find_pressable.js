const text = arguments[0];
const said = (element) => (element.getAttribute("aria-label") ?? element.textContent).replace(/\s+/g, " ").trim();
// A link past something is seen while it has the focus.
const isSeen = (element) => element.checkVisibility() && !element.matches(".skip:not(:focus)");
const seen = [...document.querySelectorAll("a[href], button, summary")].filter(isSeen);
return seen.find((element) => said(element) === text) ?? seen.find((element) => said(element).startsWith(text)) ?? null;
