// Keeps regions of a page as they are on the server. A stream says that something has changed, and the page is asked for again: it
// is rendered in one way, and whoever may no longer see it sees that.
//
// A browser has six connections to a server. So one page of all that are open holds each stream and passes on to the others what it says.

const CONNECTED = "connected";
const DISCONNECTED = "disconnected";
const CHANGED = "changed";

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Istanbul" });

/** A little more or less, so that not all pages come back at once. */
const jittered = (delay) => delay * (0.8 + Math.random() * 0.4);

/** The state of each stream, and when all of them stood the last time. */
const states = new Map();
let lastSeen = new Date();

const showStatus = () => {
  const isConnected = [...states.values()].every((state) => state === CONNECTED);
  if (isConnected) lastSeen = new Date();
  const { connected, disconnected } = document.body.dataset;
  const text = isConnected ? connected : `${disconnected} ${clock.format(lastSeen)}`;
  for (const status of document.querySelectorAll("[data-live-status]")) {
    status.hidden = false;
    status.classList.toggle("bad", !isConnected);
    if (status.textContent !== text) status.textContent = text;
  }
};

let isFetching = false;
let isStale = false;
let delay = FIRST_DELAY;
let retry;

/** Replaces all regions by those of the page as it is now. One at a time: what changes meanwhile is fetched once more. */
const refresh = async () => {
  isStale = true;
  clearTimeout(retry);
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const answer = await ask(location.href);
      const page = await read(answer);
      if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return goTo(answer, page);
      if (answer.ok) showRegions(page);
      else if (answer.status < 500 && answer.status !== 429) return location.reload();
      else throw new Error(`${answer.status}`);
    }
    delay = FIRST_DELAY;
  } catch {
    retry = setTimeout(refresh, jittered(delay));
    delay = Math.min(delay * 2, LONGEST_DELAY);
  } finally {
    isFetching = false;
  }
};

const showRegions = (page) => {
  showFrame(page);
  for (const { id } of document.querySelectorAll("[data-live]")) {
    const region = document.getElementById(id);
    if (isBeingTypedIn(region)) {
      region.addEventListener("focusout", () => setTimeout(refresh), { once: true });
      continue;
    }
    const now = replace(id, page);
    if (!now) return location.reload();
    now.dispatchEvent(new CustomEvent("live:replaced", { bubbles: true }));
  }
  showStatus();
};

/** Follows the stream at `url` together with all other pages that do. */
const follow = (url) => {
  const channel = new BroadcastChannel(`live ${url}`);
  let source;
  let timer;
  let retryDelay = FIRST_DELAY;
  let isLeader = false;
  states.set(url, CONNECTED);

  const hear = (news) => {
    if (news === CHANGED) return refresh();
    states.set(url, news);
    showStatus();
  };
  const publish = (news) => {
    channel.postMessage(news);
    hear(news);
  };
  channel.onmessage = ({ data }) => {
    // A page that has just been opened: what changed between its rendering and now was said to others.
    if (data !== "join") hear(data);
    else if (isLeader) for (const news of [states.get(url), CHANGED]) channel.postMessage(news);
  };

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    source.onopen = () => {
      retryDelay = FIRST_DELAY;
      publish(CONNECTED);
    };
    source.onmessage = () => publish(CHANGED);
    source.onerror = () => {
      publish(DISCONNECTED);
      // The browser tries again by itself after a broken connection, and never after a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, jittered(retryDelay));
      retryDelay = Math.min(retryDelay * 2, LONGEST_DELAY);
    };
  };
  const lead = () => {
    isLeader = true;
    connect();
    return new Promise(() => {});
  };

  addEventListener("online", () => isLeader && connect());
  channel.postMessage("join");
  // Browsers have locks on hosts that they trust alone; elsewhere each page has a stream of its own.
  if (navigator.locks) navigator.locks.request(`live ${url}`, lead);
  else lead();
};

const streams = new Set([...document.querySelectorAll("[data-live]")].map((region) => region.dataset.live));
for (const url of streams) follow(url);

// Nothing was heard while the machine slept, or while the page lay in the browser's memory.
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
