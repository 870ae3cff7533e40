const text = arguments[0];
const labels = [...document.querySelectorAll("label")].filter((label) => label.checkVisibility());
const said = (label) => label.textContent.replace(/\s+/g, " ").trim();
return labels.find((label) => said(label).startsWith(text))?.control ?? null;
