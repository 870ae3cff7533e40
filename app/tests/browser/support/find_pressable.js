const text = arguments[0];
const said = (element) => (element.getAttribute("aria-label") ?? element.textContent).replace(/\s+/g, " ").trim();
const seen = [...document.querySelectorAll("a[href], button, summary")].filter((element) => element.checkVisibility());
return seen.find((element) => said(element) === text) ?? seen.find((element) => said(element).startsWith(text)) ?? null;
