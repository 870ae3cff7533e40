// What has become of the order with this code, as the board shows it: its column with what can be done first, or how it ended.
const [code] = arguments;
const named = (element) => element.querySelector("h3, strong").textContent.trim() === `#${code}`;
const text = (element) => element.textContent.replace(/\s+/g, " ").trim();
const ticket = [...document.querySelectorAll("#pano .ticket")].find(named);
if (ticket) {
  const [first, promise] = [ticket.querySelector(".button"), ticket.querySelector(".ticket-promise")];
  return { column: ticket.dataset.stage, first: text(first), promise: text(promise) };
}
const ended = [...document.querySelectorAll("#pano [data-ended]")].find(named);
return ended ? { column: ended.dataset.ended, first: text(ended.querySelector("span")), promise: "" } : null;
