const [language] = arguments;
const faults = [];
const named = (element) => `<${element.localName} class="${element.className}"> ${element.textContent.trim().slice(0, 40)}`;

if (document.documentElement.lang !== language) faults.push(`lang is ${document.documentElement.lang}`);
if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} h1`);
let level = 1;
for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
  const next = Number(heading.localName[1]);
  if (next > level + 1) faults.push(`a level is skipped before ${named(heading)}`);
  level = next;
}

for (const element of document.querySelectorAll("[style], style, script:not([src])")) faults.push(`inline: ${named(element)}`);
for (const element of document.querySelectorAll("*")) {
  const own = element.getAttributeNames().filter((name) => name.startsWith("on"));
  if (own.length) faults.push(`inline: ${own} of ${named(element)}`);
}
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`two elements have the id ${id}`);
for (const element of document.querySelectorAll("[tabindex]")) {
  if (element.tabIndex > 0) faults.push(`an order of its own: ${named(element)}`);
}
if (!document.querySelector("a[href], button, input")?.matches(".skip")) faults.push("the link to the content is not the first");
if (!document.querySelector("[role=status]")) faults.push("no region for what is said");
for (const link of document.querySelectorAll("a[href]")) {
  if (new URL(link.href).origin !== location.origin) faults.push(`leads elsewhere: ${link.href}`);
}

// What is pressed has room for a finger. A link that is read has what WCAG 2.2 asks for (2.5.8), and one within a sentence is as high
// as its line.
const isInSentence = (element) =>
  getComputedStyle(element).display === "inline" && element.parentElement.textContent.trim() !== element.textContent.trim();
for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
  if (!element.checkVisibility() || element.matches(".skip") || isInSentence(element)) continue;
  const isRead = element.matches("a:not(.button)") && !element.closest("nav, .row, .foot, .list > li");
  const { width, height } = (element.closest("label.choice") ?? element).getBoundingClientRect();
  const least = isRead ? 24 : 44;
  if (height + 0.5 < least || width + 0.5 < 24) faults.push(`only ${Math.round(width)} x ${Math.round(height)}: ${named(element)}`);
}
return faults;
