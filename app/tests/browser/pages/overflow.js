const [size] = arguments;
document.documentElement.style.fontSize = size;
const { scrollWidth, clientWidth } = document.documentElement;
if (scrollWidth <= clientWidth) return [];
const isInScroller = (element) => {
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
    if (getComputedStyle(at).overflowX !== "visible") return true;
  }
  return false;
};
const wide = [...document.body.querySelectorAll("*")].filter(
  (element) => element.getBoundingClientRect().right > clientWidth + 1 && !isInScroller(element),
);
const named = wide.slice(-3).map((element) => `<${element.localName} class="${element.className?.baseVal ?? element.className}">`);
return [`${scrollWidth} wide in ${innerWidth} at ${size}: ${named.join(" ")}`];
