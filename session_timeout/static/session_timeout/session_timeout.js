/*
 * Warns before the session ends, and leaves nothing private on the screen afterwards.
 *
 * The server decides; this script asks and shows. What it says, and what it knows of the
 * session at first, is in the dialog that the template tag renders. The states:
 *
 *   active       nothing is shown
 *   warning      the end is near; the dialog is open
 *   checking     the page is covered, and the server is asked: the time is up, or the
 *                page has come back from the browser's cache
 *   unreachable  the page is covered, and the server does not answer; it is asked again
 *                and again, and after a minute the page is emptied
 *   ended        the page is emptied, and left
 *
 * Time leads from active to warning to checking: see reconcile(). The server's answer
 * leads from each of the first four to active (by way of time) or to ended: see settle();
 * its silence leads from checking to unreachable: see fail().
 */
"use strict";

(() => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const AHEAD = 5 * SECOND; // before the warning, to ask whether another tab has been used
  const PATIENCE = 10 * SECOND; // with a request
  const HEARD = SECOND / 10; // before a text counts as new in the open dialog
  const ACTIVITY = ["pointerdown", "pointermove", "touchmove", "wheel", "keydown", "input"];

  function start(dialog, injected = {}) {
    const env = {
      now: () => Date.now(),
      ticks: () => performance.now(),
      setTimeout: (...args) => setTimeout(...args),
      clearTimeout: (id) => clearTimeout(id),
      fetch: (...args) => fetch(...args),
      channel: window.BroadcastChannel && new BroadcastChannel("session-timeout"),
      ...injected,
    };
    const data = dialog.dataset;
    const { session } = data;
    const find = (selector) => dialog.querySelector(selector);
    const stayForm = find("[data-stay]");
    const failure = find("[data-failure]");
    const texts = [...dialog.querySelectorAll("[data-seconds]")]; // the longest first
    const notice = document.querySelector("[data-session-timeout-cover]");
    const here = location.href.split("#")[0];
    const listening = new AbortController();

    let state = "active";
    let ends; // the deadline, on both clocks
    let lead; // of the warning, in ms
    let canExtend;
    let asked = true; // since the time to do so before a warning
    let every; // ms from one extension by activity to the next
    let extendedAt; // in ticks
    let timer;
    let flight = null; // the request under way
    let again = false; // ask once more after it
    let refused = false; // the last extension was: perhaps its CSRF token was too old
    let quiet = false; // the dialog is not shown: closed, or taken over
    let shown; // which of its variants
    let announced; // the seconds of the last announcement
    let failures = 0;
    let failedAt; // for the first time, in ticks
    let covered = null; // what to restore
    let emptied = false;
    let title = null; // what to restore
    let posted = false; // a form, which may have been a sign-out

    // ---- The time left -------------------------------------------------------------

    // The wall clock may be set, and the other one may stand still while the computer
    // sleeps. Whichever leaves less is believed until the server is asked.
    const left = () => Math.min(ends.wall - env.now(), ends.ticks - env.ticks());

    const clocks = () => ({ wall: env.now(), ticks: env.ticks() });

    // Counted from before the request, the deadline is never later than the server's.
    function learn(since, expiresIn, warnBefore, extendable) {
      const ms = expiresIn === null ? Infinity : expiresIn * SECOND;
      ends = { wall: since.wall + ms, ticks: since.ticks + ms };
      lead = warnBefore * SECOND;
      canExtend = extendable;
      if (left() > lead + AHEAD) asked = false;
    }

    // Activity extends once a minute; where the limit is short, twice before the warning.
    function extended() {
      extendedAt = env.ticks();
      every = Math.max(data.grace * SECOND, Math.min(MINUTE, (left() - lead) / 2));
    }

    // A delay of 2^31 ms would fire at once, and nobody knows what happens in an hour.
    function schedule(ms) {
      env.clearTimeout(timer);
      timer = env.setTimeout(reconcile, Math.min(Math.max(ms, 0), MINUTE));
    }

    // ---- The state follows the time ------------------------------------------------

    const isOpen = () => state === "active" || state === "warning";

    function reconcile() {
      if (state === "ended") return;
      const ms = left();
      if (isOpen() && ms <= 0) {
        cover(); // before asking: not one frame shows what it should not
        state = "checking";
        again = Boolean(flight); // its answer may be that of a moment ago
      }
      if (!isOpen()) {
        if (covered && failures && env.ticks() - failedAt >= MINUTE) empty("unreachable");
        ask();
      } else if (ms <= lead) {
        warn(ms);
        schedule(ms % SECOND || SECOND);
      } else {
        relax();
        if (ms > lead + AHEAD) return schedule(ms - lead - AHEAD);
        schedule(ms - lead);
        if (!asked) ask();
        asked = true;
      }
    }

    // The server may know better than the clock: the page has been away, or another tab
    // says so. After news, an answer to an earlier question does not suffice.
    function check(news) {
      again ||= Boolean(news && flight);
      reconcile();
      ask();
    }

    // ---- The server ----------------------------------------------------------------

    // One request at a time, so that no answer overtakes another. An extension replaces
    // a question, whose answer would be stale.
    async function ask(extending = false) {
      if (state === "ended" || (flight && (!extending || flight.extending))) return;
      flight?.abort();
      const mine = new AbortController();
      mine.extending = extending;
      flight = mine;
      again = false;
      const patience = env.setTimeout(() => mine.abort(), PATIENCE);
      const since = clocks();
      let response, answer;
      try {
        response = await env.fetch(extending ? stayForm.action : data.statusUrl, {
          ...(extending && {
            method: "POST",
            body: new URLSearchParams(new FormData(stayForm)),
          }),
          headers: {
            Accept: "application/json",
            ...(!extending && { "X-Session-Passive": "1" }),
          },
          cache: "no-store",
          credentials: "same-origin",
          redirect: "manual",
          referrerPolicy: "same-origin",
          signal: mine.signal,
        });
        if (response.ok) answer = await response.json();
      } catch {
        // No network, no JSON or no patience: no answer.
      }
      env.clearTimeout(patience);
      if (mine !== flight || state === "ended") return; // replaced, or too late
      flight = null;
      if (isAnswer(answer)) settle(since, answer, extending);
      else await fail(extending, response);
      if (again) ask();
    }

    const isAnswer = (answer) =>
      typeof answer?.active === "boolean" && typeof answer.session === "string";

    function settle(since, answer, extending) {
      if (!answer.active) return end(answer);
      // Somebody else has signed in: what is on this page is not theirs.
      if (answer.session !== session) return end({});
      if (emptied) return location.replace(here);
      learn(since, answer.expires_in, answer.warn_before, answer.can_extend);
      for (const input of dialog.querySelectorAll("[name=csrfmiddlewaretoken]")) {
        input.value = answer.csrf_token;
      }
      failures = 0;
      if (extending) {
        refused = false;
        extended();
        say("extended");
        emit("extended", { expiresIn: left() / SECOND });
      }
      if (!isOpen()) {
        if (left() <= 0) return schedule(SECOND);
        uncover();
        state = dialog.open ? "warning" : "active";
      }
      reconcile();
    }

    async function fail(extending, response) {
      if (!isOpen()) {
        state = "unreachable";
        if (!failures++) {
          failedAt = env.ticks();
          if (emit("unreachable")) explain("unreachable");
          else uncover();
        }
        const retry = SECOND * 2 ** (failures - 1);
        const rest = failedAt + MINUTE - env.ticks();
        schedule(rest > 0 ? Math.min(retry, rest) : retry);
      } else if (extending && response?.status === 403 && !refused) {
        refused = true; // a sign-in in another tab has changed the token: fetch it
        await ask();
        await ask(true);
      } else if (extending) {
        failure.hidden = !dialog.open;
      }
    }

    // ---- The warning ---------------------------------------------------------------

    function warn(ms) {
      if (state !== "warning") {
        state = "warning";
        quiet = !emit("warn", { expiresIn: ms / SECOND, canExtend });
      }
      if (quiet) return;
      const variant = canExtend ? "idle" : "final";
      if (dialog.open && shown !== variant) dialog.close();
      if (!dialog.open) open(variant);
      const seconds = Math.ceil(ms / SECOND);
      const rest = String(seconds % 60).padStart(2, "0");
      find("[data-countdown]").textContent = `${Math.floor(seconds / 60)}:${rest}`;
      if (announced) announce(texts.filter((text) => text.dataset.seconds >= seconds).pop());
    }

    function open(variant) {
      shown = variant;
      choose(dialog, variant);
      failure.hidden = true;
      if (!dialog.isConnected) document.body.append(dialog);
      dialog.showModal();
      retitle(warning);
      // What is there when the dialog opens is not heard as news.
      env.setTimeout(() => {
        if (state !== "warning" || announced) return;
        const distance = (text) => Math.abs(text.dataset.seconds * SECOND - left());
        announce([...texts].sort((one, other) => distance(one) - distance(other))[0]);
      }, HEARD);
    }

    function announce(text) {
      const seconds = Number(text?.dataset.seconds);
      if (!(seconds < (announced ?? Infinity))) return;
      announced = seconds;
      find("[role=status]").textContent = text.textContent;
    }

    function relax() {
      if (state !== "warning") return;
      state = "active";
      announced = null;
      find("[role=status]").textContent = "";
      dialog.close();
      retitle();
    }

    function stay() {
      failure.hidden = true;
      ask(true);
    }

    stayForm.addEventListener("submit", (event) => {
      event.preventDefault();
      stay();
    });

    // Escape. The browser lets this be prevented only once: see the next listener.
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (canExtend) stay();
      else dialog.close();
    });

    dialog.addEventListener("close", () => {
      if (state !== "warning" || dialog.open || quiet) return;
      quiet = !canExtend;
      if (quiet) return;
      reconcile(); // opens it again, until the extension has succeeded
      stay();
    });

    // An application's own dialog beneath shall not close on our Escape.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());

    // ---- The cover -----------------------------------------------------------------

    // It is a modal dialog outside the body: what the application has in the top layer
    // is hidden with the body, and does not make the cover inert. To set a property is
    // no inline style in the sense of a Content-Security-Policy.
    function cover() {
      if (covered) return;
      choose(notice);
      retitle(() => location.host);
      const root = document.documentElement;
      root.append(notice);
      notice.showModal(); // while the focus is where it shall return
      covered = { left: scrollX, top: scrollY, behavior: "instant", styles: [] };
      for (const { style } of root.children) {
        if (style === notice.style) continue;
        const value = style.getPropertyValue("display");
        covered.styles.push([style, value, style.getPropertyPriority("display")]);
        style.setProperty("display", "none", "important");
      }
    }

    function uncover() {
      if (!covered) return;
      const { styles, ...scroll } = covered;
      covered = null;
      for (const [style, ...before] of styles) style.setProperty("display", ...before);
      notice.close();
      notice.remove();
      scrollTo(scroll);
      retitle(dialog.open ? warning : null);
    }

    // Why the page is covered, once that is known.
    function explain(variant) {
      choose(notice, variant);
      retitle(() => notice.querySelector(`[data-when=${variant}]`).textContent.trim());
    }

    // open() takes everything out of the document, and every listener off it: also an
    // application's own for beforeunload, which could otherwise hold the page.
    function empty(variant) {
      if (emptied) return explain(variant);
      emptied = true;
      const { lang, dir } = document.documentElement;
      const scheme = getComputedStyle(document.documentElement).colorScheme;
      const kept = document.querySelectorAll(
        "link[data-session-timeout-style], meta[name=viewport]",
      );
      notice.close();
      notice.remove();
      try {
        document.open();
        document.close();
      } catch {
        document.body.replaceChildren(); // XHTML cannot be opened
      }
      const root = document.documentElement;
      Object.assign(root, { lang, dir }).style.colorScheme = scheme;
      document.head.append(...kept);
      root.append(notice);
      notice.showModal();
      explain(variant);
      listen();
    }

    function end({ reason = null, redirect }) {
      state = "ended";
      env.clearTimeout(timer);
      cover();
      say("ended");
      if (!emit("ended", { reason, redirect: redirect ?? null })) {
        dialog.close();
        return uncover();
      }
      empty("ended");
      location.replace(redirect && !("reload" in data) ? redirect : here);
    }

    notice.addEventListener("click", (event) => {
      if (event.target.closest("button")) location.replace(here);
    });

    // closedby="none" in the template prevents this where the browser knows it.
    notice.addEventListener("cancel", (event) => event.preventDefault());
    notice.addEventListener("close", () => {
      if (covered && !notice.open) notice.showModal();
    });

    // ---- What is shown -------------------------------------------------------------

    function choose(box, variant) {
      for (const element of box.querySelectorAll("[data-when]")) {
        element.hidden = element.dataset.when !== variant;
      }
    }

    const warning = (plain) => {
      const heading = find(`[data-when=${shown}]`).textContent.trim();
      return `${heading} – ${plain}`;
    };

    function retitle(make) {
      if (title && document.title === title.ours) document.title = title.plain;
      title = null;
      if (!make) return;
      const plain = document.title;
      document.title = make(plain);
      title = { plain, ours: document.title };
    }

    // ---- What is heard -------------------------------------------------------------

    const emit = (name, detail = {}) =>
      document.dispatchEvent(
        new CustomEvent(`session-timeout:${name}`, { cancelable: true, detail }),
      );

    // To the other tabs. Nothing but a reason to ask the server.
    const say = (kind) => env.channel?.postMessage({ session, kind });

    if (env.channel) {
      env.channel.onmessage = ({ data: message }) => {
        const { session: whose, kind } = message ?? {};
        if (typeof whose !== "string") return;
        // The same session on another page is no news, nor is its extension while there
        // is time: before a warning, the server is asked anyway.
        const isOurs = whose === session;
        if (isOurs && (kind === "here" || (kind === "extended" && state === "active"))) return;
        check(true);
      };
    }

    function act(event) {
      if (!event.isTrusted || state !== "active" || !canExtend) return;
      // The browser makes moves of no distance when the page changes beneath the pointer.
      if (event.type === "pointermove" && !event.movementX && !event.movementY) return;
      if (env.ticks() - extendedAt < every) return;
      extendedAt = env.ticks();
      ask(true);
    }

    // An input of that name would stand in the way of form.method.
    const isPost = (form) => /^post$/i.test(form.getAttribute("method"));

    function listen() {
      const on = (target, type, listener, options) =>
        target.addEventListener(type, listener, { signal: listening.signal, ...options });
      on(document, "visibilitychange", () => document.hidden || check());
      on(document, "prerenderingchange", () => check());
      on(document, "resume", () => check());
      on(window, "focus", () => check());
      on(window, "online", () => check());
      on(window, "pageshow", (event) => event.persisted && check());
      on(window, "pagehide", leave);
      on(window, "submit", (event) => (posted ||= isPost(event.target)));
      if (!("activity" in data)) return;
      for (const type of ACTIVITY) on(window, type, act, { capture: true, passive: true });
    }

    // When the next page is there, a sign-out that led to it is done.
    function leave(event) {
      if (posted) say("left");
      posted = false;
      if (!event.persisted || state === "ended") return;
      flight?.abort();
      flight = null;
      cover();
      state = "checking";
    }

    function stop() {
      listening.abort();
      env.clearTimeout(timer);
      env.channel?.close?.();
      relax();
      uncover();
      state = "ended";
    }

    // ---- The beginning -------------------------------------------------------------

    const loaded = performance.getEntriesByType("navigation")[0];
    const isOld = loaded?.type === "back_forward" || loaded?.deliveryType === "cache";
    const { wall, ticks } = clocks();
    // The page was asked for when the monotonic clock was at zero; a dialog that comes
    // later has come just now.
    const before = api.running;
    const since = before ? { wall, ticks } : { wall: wall - ticks, ticks: 0 };
    before?.stop();
    api.running = { check: () => check(true), extend: () => ask(true), stop };
    learn(since, data.expiresIn, data.warnBefore, "canExtend" in data);
    extended();
    listen();
    say("here");
    if (before) check();
    else if (isOld) {
      cover();
      state = "checking";
    }
    reconcile();
  }

  const api = {
    start,
    check: () => api.running?.check(),
    extend: () => api.running?.extend(),
    stop: () => api.running?.stop(),
    // Where the body is replaced in place, this file runs again.
    running: window.SessionTimeout?.running,
  };
  window.SessionTimeout = api;

  const dialog = document.querySelector("dialog[data-session-timeout]");
  if (dialog) start(dialog);
})();
