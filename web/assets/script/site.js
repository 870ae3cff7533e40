// Spares readers the loading of whole pages. Without it all of them work the same.

/** Forms whose answer is awaited: a second press sends nothing. */
const sending = new WeakSet();

/** Sends `form` as the browser would. */
const send = (form, submitter) => {
  const action = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  const fields = new URLSearchParams(new FormData(form, submitter));
  if (form.method === "post") return ask(action, { method: "POST", body: fields });
  action.search = fields;
  return ask(action);
};

/** Leaves `form` to the browser, which shows whatever comes back. */
const sendPlainly = (form, submitter) => {
  delete form.dataset.enhance;
  sending.delete(form);
  form.requestSubmit(submitter);
};

/** Shows what came back at `id`. */
const showAnswer = (id, page) => {
  const region = replace(id, page);
  document.title = page.title;
  // What was said before is past.
  document.getElementById("bildirim")?.replaceChildren();
  showFrame(page);
  const fault = region.querySelector("[autofocus]");
  if (fault) fault.focus();
  else if (document.activeElement === document.body) focusOn(region);
  improve(region);
};

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const id = form.dataset.enhance;
  if (!id || event.defaultPrevented || form.enctype !== "application/x-www-form-urlencoded") return;
  event.preventDefault();
  if (sending.has(form)) return;
  sending.add(form);
  const region = document.getElementById(id);
  region?.setAttribute("aria-busy", "true");
  try {
    const answer = await send(form, submitter);
    const page = await read(answer);
    const hasRegion = document.getElementById(id) && page.getElementById(id);
    // A form that was refused comes back under the address that it was sent to, which is that of no page.
    const isPage = answer.redirected || form.method === "get";
    if (isPage && (!hasRegion || new URL(answer.url).pathname !== location.pathname)) return goTo(answer, page);
    if (!hasRegion) return sendPlainly(form, submitter);
    showAnswer(id, page);
    // Whoever asks for a list goes on in it. A filter that was ticked sends the form by itself, and keeps the focus.
    if (form.method === "get" && submitter) focusOn(document.getElementById(id));
    if (isPage) history.replaceState(history.state, "", answer.url);
  } catch {
    // No answer came. What was sent may have arrived, and is done once however often it is sent.
    sendPlainly(form, submitter);
  } finally {
    sending.delete(form);
    region?.removeAttribute("aria-busy");
  }
});

document.addEventListener("change", ({ target }) => {
  // A text is sent by its reader: leaving the field for a link must not lead elsewhere.
  if (target.matches("form[data-submit-on-change] :is(select, [type=checkbox], [type=radio])")) target.form.requestSubmit();
});

const UNITS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
];
const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

/** Says how long ago something was, as long as that is less than a day. The exact time stands beside it. */
const showAge = (time) => {
  let age = (Date.now() - Date.parse(time.dateTime)) / 1000;
  time.title ||= time.textContent;
  for (const [unit, size] of UNITS) {
    if (age < 0) break;
    if (age < size) {
      time.textContent = ago.format(-Math.floor(age), unit);
      return;
    }
    age /= size;
  }
  time.textContent = time.title;
};

/** Shows whether the restaurant of `form` is a favourite already. */
const showFavorite = async (form) => {
  const answer = await fetch(`/favoriler/durum?restoran=${form.dataset.favorite}`, { signal: AbortSignal.timeout(LONGEST_WAIT) });
  if (answer.status !== 200 || !(await answer.json()).favorite) return;
  form.action = `${form.getAttribute("action")}/cikar`;
  const heart = document.createElement("span");
  heart.ariaHidden = "true";
  heart.textContent = "♥";
  form.querySelector("button").replaceChildren(heart, ` ${document.body.dataset.removeFavorite}`);
};

const showAges = () => document.querySelectorAll("time[data-age]").forEach(showAge);

/** What is done to a region once it is there. */
const improve = (region) => {
  region.querySelectorAll("time[data-age]").forEach(showAge);
  // The form as it stands adds a favourite that is one already, which changes nothing.
  region.querySelectorAll("form[data-favorite]").forEach((form) => showFavorite(form).catch(() => {}));
};

const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  const message = document.createElement("p");
  message.className = "message success";
  message.textContent = said;
  const status = document.getElementById("bildirim");
  if (!status?.childElementCount) status?.append(message);
}

document.addEventListener("live:replaced", ({ target }) => improve(target));
setInterval(showAges, 30_000);
improve(document);
