// The baskets that a page shows, in their order: what is in each, and what that costs.
const text = (element) => element.textContent.replace(/\s+/g, " ").trim();
const line = (row) => {
  const amount = row.querySelector(".amount")?.lastChild;
  return amount ? `${text(amount)} × ${text(row.querySelector("strong"))}` : text(row.querySelector("span"));
};
const columns = [...document.querySelectorAll("main .columns > .column")];
const baskets = columns.length > 0 ? columns : [document.querySelector("main")];
return baskets.map((basket) => ({
  lines: [...basket.querySelectorAll(".basket > li")].map(line),
  subtotal: text(basket.querySelector(".sums dd")),
}));
