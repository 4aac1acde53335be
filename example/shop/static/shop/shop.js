"use strict";

const SECOND = 1000;
const ASK_EVERY = 5 * SECOND;
const POLL_EVERY = 5 * SECOND;
const LINES = 8;
const NO_SESSION = "You have no session: sign in, or put something into the cart.";

const element = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function onClick(id, listener) {
  element(id)?.addEventListener("click", listener);
}

// On a phone, the links of the other pages can be moved sideways.
const here = element("nav")?.querySelector("[aria-current]");
if (here) here.parentNode.scrollLeft = here.offsetLeft - here.parentNode.offsetLeft;

// ---- How long the session lasts ------------------------------------------------------

const panel = element("session");
let deadline = null; // by performance.now(); null without a session
let limit = "idle"; // or "absolute": the one that comes first
let askAt = 0;

function setTimeLeft(seconds) {
  deadline = typeof seconds === "number" ? performance.now() + seconds * SECOND : null;
  showTimeLeft();
}

function explain(left) {
  if (!left) return "The time is up. The next request ends the session.";
  return limit === "absolute"
    ? `It ends ${panel.dataset.absolute} s after its start, whatever you do.`
    : `It ends after ${panel.dataset.idle} s without activity.`;
}

function showTimeLeft() {
  const left = deadline === null ? 0 : Math.max(deadline - performance.now(), 0) / SECOND;
  const whole = Math.ceil(left);
  const clock = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  element("time-left").textContent = deadline === null ? "–:––" : clock;
  element("time-bar").max = panel.dataset[limit];
  element("time-bar").value = left;
  element("session-actions").hidden = deadline === null;
  panel.classList.toggle("vacant", deadline === null);
  if (deadline !== null) element("session-note").textContent = explain(left);
}

// The header is passive: to ask extends nothing.
async function askStatus() {
  askAt = performance.now() + ASK_EVERY;
  const headers = { Accept: "application/json", "X-Session-Passive": "1", "X-Demo-Panel": "1" };
  const response = await fetch(panel.dataset.statusUrl, { headers, cache: "no-store" });
  const { active, expires_in: expiresIn, reason } = await response.json();
  limit = reason === "absolute" ? "absolute" : "idle";
  if (!active) {
    const note = reason ? `It has ended. Reason: ${reason}.` : "It has ended.";
    element("session-note").textContent = deadline === null ? NO_SESSION : note;
  }
  setTimeLeft(active ? expiresIn : null);
}

// A click is activity too, and may just have extended the session. Let that be over.
async function makeIdle(until) {
  await pause(SECOND / 4);
  const csrfmiddlewaretoken = panel.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ until, csrfmiddlewaretoken });
  const headers = { Accept: "application/json" };
  const response = await fetch(panel.dataset.idleUrl, { method: "POST", body, headers });
  setTimeLeft((await response.json()).expires_in);
}

for (const button of document.querySelectorAll("[data-until]")) {
  button.addEventListener("click", async () => {
    await makeIdle(button.dataset.until);
    window.SessionTimeout?.check(); // the dialog asks the server
  });
}

// These make the session run out, and then press another button, whose request finds it
// ended. The dialog learns nothing of it.
for (const button of document.querySelectorAll("[data-then]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const then = element(button.dataset.then);
    if (then?.form?.reportValidity() === false) return;
    await makeIdle("end");
    then?.click();
  });
}

// ---- What the server did -------------------------------------------------------------

const log = element("log");
let lastNumber = 0;

function line({ time, kind, request, why }) {
  const item = document.createElement("li");
  for (const [name, text] of [
    ["time", new Date(time * SECOND).toLocaleTimeString("en-GB")],
    ["kind", kind],
    ["request", request],
    ["why", why],
  ]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    item.append(part, " ");
  }
  item.className = "entry";
  item.dataset.kind = kind;
  return item;
}

// Returns whether there is something new to know of the session.
async function readLog() {
  const headers = { Accept: "application/json" };
  const response = await fetch(`${log.dataset.url}?after=${lastNumber}`, { headers });
  const { entries } = await response.json();
  const list = element("log-entries");
  for (const entry of entries) {
    lastNumber = entry.number;
    list.prepend(line(entry));
  }
  while (list.children.length > LINES) list.lastChild.remove();
  element("log-empty").hidden = list.children.length > 0;
  return entries.some(({ kind }) => kind !== "aged");
}

// Once a second. When the time is up, it leaves the next request to somebody else.
async function tick() {
  if (!document.contains(log ?? panel)) return; // the dialog has emptied the page
  if (panel) showTimeLeft();
  try {
    if (!document.hidden) {
      const news = log && (await readLog());
      const isTime = deadline !== null && deadline > performance.now() && performance.now() > askAt;
      if (panel?.dataset.statusUrl && (news || isTime)) await askStatus();
    }
  } catch {
    // The server does not answer: ask again.
  }
  setTimeout(tick, SECOND);
}

if (panel) setTimeLeft(panel.dataset.expiresIn ? Number(panel.dataset.expiresIn) : null);
if (panel || log) tick();

// ---- The page that polls -------------------------------------------------------------

async function poll(output) {
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(output.dataset.url, { headers });
    const answer = await response.json();
    if (response.status === 401) {
      output.replaceChildren(`${answer.detail} `, signInLink(answer.redirect));
      return;
    }
    output.textContent =
      answer.idle === null
        ? "You have no session."
        : `Idle for ${answer.idle} of ${answer.limit} s.`;
  } catch {
    output.textContent = "The server does not answer.";
  }
  setTimeout(poll, POLL_EVERY, output);
}

function signInLink(href) {
  const link = document.createElement("a");
  link.id = "sign-in-again";
  link.href = href;
  link.textContent = "Sign in again";
  return link;
}

const pollOutput = element("poll");
if (pollOutput) poll(pollOutput);

// ---- The page that fetches -----------------------------------------------------------

onClick("json-button", async (event) => {
  const output = element("json");
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(event.target.dataset.url, { headers });
    const answer = await response.json();
    output.textContent = `${response.status}\n${JSON.stringify(answer, null, 2)}\n`;
    if (response.status === 401) output.append("\n", signInLink(answer.redirect));
  } catch {
    output.textContent = "The server does not answer.";
  }
});

// ---- The page with a WebSocket -------------------------------------------------------

const prices = element("prices");
if (prices) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${prices.dataset.path}`);
  socket.addEventListener("message", ({ data }) => {
    prices.textContent = data;
  });
  socket.addEventListener("close", async ({ code }) => {
    prices.textContent = `The server closed the socket with code ${code}.`;
    if (code !== 4440) return;
    const headers = { Accept: "application/json" };
    const response = await fetch(panel.dataset.statusUrl, { headers });
    const { redirect } = await response.json();
    prices.append(" ", signInLink(redirect));
  });
}
