// Lets the board of a kitchen be heard and seen from afar. Without it the board shows the same, and is reloaded by hand.
//
// What it does follows from the tickets that stand there, never from what a stream says: so nothing rings before it can be read, or
// after it was answered. Texts are those of the page.

const REGION = "pano";
const TICK_INTERVAL = 1_000;
/** How often a ticket rings that nobody has seen. */
const RING_INTERVAL = 5_000;
/** Whether this device is to ring, also after a reload. */
const WANTED = "board sound";
const SEEN = "board seen";

const button = document.querySelector("[data-sound]");
const news = document.querySelector("[data-news]");
const title = document.title;

/** Tones as pairs of frequency in hertz and begin in seconds. */
const NEW = [[880, 0], [1175, 0.18], [880, 0.36]];
const ENDED = [[440, 0], [330, 0.25]];
const TONE_SECONDS = 0.16;

let audio;
let region;
/** By how much the clock of this device is behind the server's. */
let skew = 0;
let rangAt = -Infinity;
/** The tickets that stood open when the region was shown last. */
let open = new Set();

const tickets = () => [...region.querySelectorAll(".ticket")];
const fresh = () => tickets().filter((ticket) => ticket.dataset.stage === "new");
const now = () => Date.now() + skew;

/** A device may have no storage, as a private window has none: then each page begins anew. */
const stored = (area, change) => {
  try {
    return change(area());
  } catch {
    return null;
  }
};
const device = () => localStorage;
const tab = () => sessionStorage;

/** The new tickets that somebody has seen. */
let seen = new Set(stored(tab, (area) => JSON.parse(area.getItem(SEEN))));
let isWanted = stored(device, (area) => area.getItem(WANTED)) === "yes";

const isHeard = () => isWanted && audio?.state === "running";

const play = (tones) => {
  if (!isHeard()) return;
  for (const [frequency, begin] of tones) {
    const [tone, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + begin];
    tone.frequency.value = frequency;
    // A tone that is cut off clicks.
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + TONE_SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + TONE_SECONDS);
  }
};

/** Browsers let a page be heard once somebody has touched it. */
const wake = async () => {
  if (!isWanted) return;
  audio ??= new AudioContext();
  try {
    await audio.resume();
  } catch {
    // It has no output. The button goes on saying that nothing is heard.
  }
  showSound();
};

const showSound = () => {
  const { on, off, asleep } = button.dataset;
  button.hidden = false;
  button.setAttribute("aria-pressed", `${isHeard()}`);
  button.classList.toggle("quiet", isHeard());
  const text = isHeard() ? on : isWanted ? asleep : off;
  if (button.textContent !== text) button.textContent = text;
};

button.addEventListener("click", async () => {
  isWanted = !isHeard();
  stored(device, (area) => area.setItem(WANTED, isWanted ? "yes" : "no"));
  if (isWanted) await wake();
  else await audio.suspend();
  showSound();
  play(NEW);
});

/** `12:10`, or `1:02:10` from an hour on, as the server writes it. */
const age = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const two = (number) => `${number}`.padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

const showTime = (ticket) => {
  const time = ticket.querySelector("time");
  time.textContent = age(now() - Date.parse(time.dateTime));
  const { soon, late } = ticket.dataset;
  const isLate = now() >= Date.parse(late);
  const isSoon = !isLate && now() >= Date.parse(soon);
  ticket.classList.toggle("late", isLate);
  ticket.classList.toggle("soon", isSoon);
  const pace = ticket.querySelector("[data-pace]");
  const text = isLate ? pace.dataset.lateText : isSoon ? pace.dataset.soonText : "";
  if (pace.textContent !== text) pace.textContent = text;
  pace.hidden = text === "";
};

const showCount = () => {
  const count = fresh().length;
  const { one, many } = news.dataset;
  const name = count === 1 ? one : many;
  const text = count === 0 ? "" : `${name}: ${count}`;
  if (news.textContent !== text) news.textContent = text;
  const heading = count === 0 ? title : `(${count}) ${name} \u00b7 ${title}`;
  if (document.title !== heading) document.title = heading;
};

/** The region is another one: it is shown already, and rings now if it has to. */
const begin = () => {
  region = document.getElementById(REGION);
  skew = Date.parse(region.dataset.now) - Date.now();
  const standing = new Set(tickets().map(({ id }) => id));
  const ended = [...region.querySelectorAll("[data-ended=cancelled], [data-ended=rejected]")];
  if (ended.some(({ id }) => open.has(id))) play(ENDED);
  const isNews = fresh().some(({ id }) => !open.has(id));
  open = standing;
  seen = new Set([...seen].filter((id) => standing.has(id)));
  if (isNews) rangAt = -Infinity;
};

const ring = () => {
  const isUnseen = fresh().some(({ id }) => !seen.has(id));
  if (!isUnseen || !isHeard() || performance.now() - rangAt < RING_INTERVAL) return;
  rangAt = performance.now();
  play(NEW);
};

const tick = () => {
  // Also after a form was answered in place.
  if (document.getElementById(REGION) !== region) begin();
  tickets().forEach(showTime);
  showCount();
  ring();
};

/** Whoever touches the board has seen what stands there. The button wakes the sound by itself. */
const see = ({ target }) => {
  for (const { id } of fresh()) seen.add(id);
  stored(tab, (area) => area.setItem(SEEN, JSON.stringify([...seen])));
  if (!button.contains(target)) wake();
};

/** Until this page is left, the screen of the tablet stays on, where the browser can do that and its battery lets it. */
const stayAwake = async () => {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // It is asked for again when the page is seen the next time.
  }
};

const MOVES = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Up and down within a column, left and right to the next column that has tickets. */
const beside = (ticket, key) => {
  const step = MOVES[key];
  if (key === "ArrowDown" || key === "ArrowUp") {
    const column = [...ticket.closest(".column").querySelectorAll(".ticket")];
    return column[column.indexOf(ticket) + step];
  }
  const columns = [...region.querySelectorAll(".column")].filter((column) => column.querySelector(".ticket"));
  return columns[columns.indexOf(ticket.closest(".column")) + step]?.querySelector(".ticket");
};

/** A key counts on a ticket that has the focus, and is that of the browser everywhere else. */
const press = (event) => {
  const ticket = event.target;
  if (!ticket.matches?.(".ticket") || event.ctrlKey || event.altKey || event.metaKey) return;
  const { key } = event;
  if (key in MOVES) beside(ticket, key)?.focus();
  else if (key === "Enter") ticket.querySelector("button, a.button")?.click();
  else if (key === "r" || key === "R") ticket.querySelector("[data-reject]")?.click();
  else if (key === "m" || key === "M") ticket.querySelector("[data-minutes]")?.focus();
  else return;
  event.preventDefault();
};

document.addEventListener("live:replaced", tick);
document.addEventListener("pointerdown", see);
document.addEventListener("keydown", (event) => {
  see(event);
  press(event);
});
document.addEventListener("visibilitychange", stayAwake);

stayAwake();
showSound();
tick();
setInterval(tick, TICK_INTERVAL);
