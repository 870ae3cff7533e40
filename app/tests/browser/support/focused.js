// What the element says that has the focus: its name, its label, or what it shows.
const focused = document.activeElement;
const said = focused.getAttribute("aria-label") ?? focused.labels?.[0]?.textContent ?? focused.textContent;
return said.replace(/\s+/g, " ").trim();
