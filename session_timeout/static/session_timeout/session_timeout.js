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
 *   locked       the session has ended; the page stays covered until its user has signed
 *                in again, or the time for that is over
 *   ended        the page is emptied, and left
 *
 * Time leads from active to warning to checking, and from locked to ended: see
 * reconcile(). The server's answer leads from each of the first five to active (by way of
 * time), to locked or to ended: see applyAnswer(); its silence leads from checking to
 * unreachable: see handleFailure().
 */
"use strict";

(() => {
  const SECOND_MS = 1000;
  const MINUTE_MS = 60 * SECOND_MS;
  // So long before the warning, the server is asked whether another tab has been used.
  const CHECK_AHEAD_MS = 5 * SECOND_MS;
  const REQUEST_TIMEOUT_MS = 10 * SECOND_MS;
  // Screen readers announce only what changes after the dialog has opened.
  const ANNOUNCE_DELAY_MS = SECOND_MS / 10;
  const ACTIVITY = ["pointerdown", "pointermove", "touchmove", "wheel", "keydown", "input"];

  // A visitor may have written an element into the page whose name is that of a property
  // of the document, and which then stands in its place ("clobbering").
  const page = new Proxy(document, {
    get(target, name) {
      const value = Reflect.get(Document.prototype, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(Document.prototype, name, value, target),
  });

  // The nearest of an element's siblings before or after it; else one in the document.
  function nearest(element, direction, selector) {
    const next = (from) => Reflect.get(Element.prototype, direction, from);
    let found = element && next(element);
    while (found && !Element.prototype.matches.call(found, selector)) found = next(found);
    return found ?? page.querySelector(selector);
  }

  // To the other tabs; old and some embedded browsers have none.
  const openChannel = () =>
    typeof BroadcastChannel === "function" ? new BroadcastChannel("session-timeout") : null;

  function start(dialog, injected = {}) {
    const env = {
      now: () => Date.now(),
      ticks: () => performance.now(),
      setTimeout: (...args) => setTimeout(...args),
      clearTimeout: (id) => clearTimeout(id),
      fetch: (...args) => fetch(...args),
      channel: openChannel(),
      ...injected,
    };
    const data = dialog.dataset;
    let { session } = data;
    const find = (selector) => dialog.querySelector(selector);
    const stayForm = find("[data-stay]");
    const failureText = find("[data-failure]");
    const announcements = [...dialog.querySelectorAll("[data-seconds]")]; // the longest first
    const coverDialog = nearest(dialog, "nextElementSibling", "[data-session-timeout-cover]");
    const loginLink = coverDialog.querySelector("[data-login]");
    const pageUrl = location.href.split("#")[0];
    // How long a page stays, covered, after the end of its session.
    const lockTime = ((loginLink && data.reauthenticate) ?? 0) * SECOND_MS;
    const listeners = new AbortController();

    let state = "active";
    let deadline; // of the session, on both clocks; while locked, of the page
    let warningLead; // of the warning, in ms
    let canExtend;
    let hasCheckedAhead = true; // since CHECK_AHEAD_MS before the warning
    let extendInterval; // ms from one extension by activity to the next
    let extendedAt; // in ticks
    let timer;
    let pending = null; // the request under way
    let requestAgain = false; // once it is done
    let tokenRefused = false; // for the last extension: its CSRF token may be too old
    let isSuppressed = false; // the dialog: the visitor has closed it, or the page does without
    let shownVariant; // of the dialog: "idle" or "final"
    let announced; // the seconds of the last announcement
    let failures = 0;
    let emptyAt; // on both clocks, while the server does not answer
    let coverState = null; // what to restore
    let reselect = null; // what was selected beneath the dialogs
    let isEmptied = false;
    let isRestored = false; // from the browser's cache, and nobody knows whose it is now
    let leaveFor; // where a locked page goes
    let changedTitle = null; // what to restore
    let hasPostedForm = false; // a form, which may have been a sign-out

    // ---- The time left -------------------------------------------------------------

    // The wall clock may be set, and the other one may stand still while the computer
    // sleeps. Whichever leaves less is believed until the server is asked.
    const until = ({ wall, ticks }) => Math.min(wall - env.now(), ticks - env.ticks());
    const timeLeft = () => until(deadline);
    const readClocks = () => ({ wall: env.now(), ticks: env.ticks() });
    const later = ({ wall, ticks }, ms) => ({ wall: wall + ms, ticks: ticks + ms });

    // Counted from before the request, the deadline is never later than the server's.
    function setDeadline(since, expiresIn, warnBefore, extendable) {
      const ms = expiresIn === null ? Infinity : expiresIn * SECOND_MS;
      deadline = later(since, ms);
      warningLead = warnBefore * SECOND_MS;
      canExtend = extendable;
      if (timeLeft() > warningLead + CHECK_AHEAD_MS) hasCheckedAhead = false;
    }

    // Activity extends once a minute; where the limit is short, twice before the warning.
    function noteExtension() {
      extendedAt = env.ticks();
      const half = (timeLeft() - warningLead) / 2;
      extendInterval = Math.max(data.grace * SECOND_MS, Math.min(MINUTE_MS, half));
    }

    // A delay of 2^31 ms would fire at once, and nobody knows what happens in an hour.
    function schedule(ms) {
      env.clearTimeout(timer);
      timer = env.setTimeout(reconcile, Math.min(Math.max(ms, 0), MINUTE_MS));
    }

    // ---- The state follows the time ------------------------------------------------

    const isUncovered = () => state === "active" || state === "warning";

    function reconcile() {
      if (state === "ended") return;
      const ms = timeLeft();
      if (state === "locked" && ms <= 0) return leavePage();
      if (isUncovered() && ms <= 0) {
        coverPage(); // before asking: not one frame shows what it should not
        state = "checking";
        requestAgain = Boolean(pending); // its answer may be that of a moment ago
      }
      if (!isUncovered()) {
        const isFailing = coverState && failures;
        if (isFailing && until(emptyAt) <= 0) emptyPage("unreachable");
        request();
      } else if (ms <= warningLead) {
        showWarning(ms);
        schedule(ms % SECOND_MS || SECOND_MS);
      } else {
        hideWarning();
        const rest = ms - warningLead;
        if (rest > CHECK_AHEAD_MS) return schedule(rest - CHECK_AHEAD_MS);
        schedule(rest);
        if (!hasCheckedAhead) request();
        hasCheckedAhead = true;
      }
    }

    // The server may know better than the clock: the page has been away, or another tab
    // says so. After news, an answer to an earlier question does not suffice.
    function check(news) {
      requestAgain ||= Boolean(news && pending);
      reconcile();
      request();
    }

    // ---- The server ----------------------------------------------------------------

    // One request at a time, so that no answer overtakes another. An extension replaces
    // a question, whose answer would be stale.
    async function request(extending = false) {
      if (state === "ended" || (pending && (!extending || pending.extending))) return;
      pending?.abort();
      const current = new AbortController();
      current.extending = extending;
      pending = current;
      requestAgain = false;
      const timeout = env.setTimeout(() => current.abort(), REQUEST_TIMEOUT_MS);
      const since = readClocks();
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
          credentials: "include", // the server may be on another host of the site
          redirect: "manual",
          referrerPolicy: "same-origin",
          signal: current.signal,
        });
        if (response.ok) answer = await response.json();
      } catch {
        // No network, no JSON or no time left: no answer.
      }
      env.clearTimeout(timeout);
      if (current !== pending || state === "ended") return; // replaced, or too late
      pending = null;
      if (isAnswer(answer)) applyAnswer(since, answer, extending);
      else await handleFailure(extending, response);
      if (requestAgain) request();
    }

    const isAnswer = (answer) =>
      typeof answer?.active === "boolean" && typeof answer.session === "string";

    function applyAnswer(since, answer, extending) {
      if (!answer.active) return endSession(answer);
      const isOurs = [answer.session, ...(answer.former_sessions ?? [])].includes(session);
      // A login page may begin a session before anybody has signed in.
      if (!isOurs && !answer.signed_in && mayLock()) return endSession({});
      // Somebody else has signed in: what is on this page is not theirs.
      if (!isOurs) return endSession({ newcomer: answer.session });
      session = answer.session;
      remember(null);
      if (isEmptied) return location.replace(pageUrl);
      const wasCovered = !isUncovered();
      setDeadline(since, answer.expires_in, answer.warn_before, answer.can_extend);
      // A sign-in meanwhile, also one that this page has slept through, has changed the
      // token for every form of the page.
      const forms = wasCovered ? page : dialog;
      for (const input of forms.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
        input.value = answer.csrf_token;
      }
      failures = 0;
      isRestored = false;
      if (extending) {
        tokenRefused = false;
        noteExtension();
        broadcast("extended");
        dispatch("extended", { expiresIn: timeLeft() / SECOND_MS });
      }
      if (wasCovered) {
        if (timeLeft() <= 0) return schedule(SECOND_MS);
        uncoverPage();
        state = dialog.open ? "warning" : "active";
      }
      reconcile();
      if (!wasCovered) return;
      const expiresIn = timeLeft() / SECOND_MS;
      dispatch("resumed", { expiresIn, csrfToken: answer.csrf_token });
    }

    // A cache may hold a page that belongs to somebody else: to load it once more for the
    // same newcomer would not help. Where nothing can be remembered, it is not loaded.
    function mayReloadFor(newcomer) {
      const before = remember(newcomer);
      return before !== undefined && before !== newcomer;
    }

    // Keep a value for this tab, and return the one before; undefined if that fails.
    function remember(value) {
      try {
        const before = sessionStorage.getItem("session-timeout");
        if (value === null) sessionStorage.removeItem("session-timeout");
        else sessionStorage.setItem("session-timeout", value);
        return before;
      } catch {
        return undefined;
      }
    }

    async function handleFailure(extending, response) {
      if (state === "locked") {
        schedule(timeLeft());
      } else if (!isUncovered()) {
        state = "unreachable";
        if (!failures++) {
          emptyAt = later(readClocks(), Math.max(MINUTE_MS, lockTime));
          if (dispatch("unreachable")) explainCover("unreachable");
          else uncoverPage();
        }
        const retry = SECOND_MS * 2 ** (failures - 1);
        const rest = until(emptyAt);
        schedule(rest > 0 ? Math.min(retry, rest) : retry);
      } else if (extending && response?.status === 403 && !tokenRefused) {
        tokenRefused = true; // a sign-in in another tab has changed the token: fetch it
        await request();
        await request(true);
      } else if (extending) {
        failureText.hidden = !dialog.open;
      }
    }

    // ---- The warning ---------------------------------------------------------------

    function showWarning(ms) {
      if (state !== "warning") {
        state = "warning";
        isSuppressed = !dispatch("warn", { expiresIn: ms / SECOND_MS, canExtend });
      }
      if (isSuppressed) return;
      const variant = canExtend ? "idle" : "final";
      if (dialog.open && shownVariant !== variant) dialog.close();
      if (!dialog.open) openDialog(variant);
      const seconds = Math.ceil(ms / SECOND_MS);
      const rest = String(seconds % 60).padStart(2, "0");
      find("[data-countdown]").textContent = `${Math.floor(seconds / 60)}:${rest}`;
      if (!announced) return;
      announceTime(announcements.filter((text) => text.dataset.seconds >= seconds).pop());
    }

    function openDialog(variant) {
      shownVariant = variant;
      showVariant(dialog, variant);
      failureText.hidden = true;
      if (!dialog.isConnected) page.body.append(dialog);
      keepSelection();
      dialog.showModal();
      changeTitle(warning);
      // What is there when the dialog opens is not heard as news.
      env.setTimeout(() => {
        if (state !== "warning" || announced) return;
        const distance = (text) => Math.abs(text.dataset.seconds * SECOND_MS - timeLeft());
        announceTime([...announcements].sort((one, other) => distance(one) - distance(other))[0]);
      }, ANNOUNCE_DELAY_MS);
    }

    function announceTime(text) {
      const seconds = Number(text?.dataset.seconds);
      if (!(seconds < (announced ?? Infinity))) return;
      announced = seconds;
      find("[role=status]").textContent = text.textContent;
    }

    function hideWarning() {
      if (state !== "warning") return;
      state = "active";
      announced = null;
      find("[role=status]").textContent = "";
      dialog.close();
      restoreSelection();
      changeTitle();
    }

    function onStay() {
      failureText.hidden = true;
      request(true);
    }

    stayForm.addEventListener("submit", (event) => {
      event.preventDefault();
      onStay();
    });

    // Escape. The browser lets this be prevented only once: see the next listener.
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (canExtend) onStay();
      else dialog.close();
    });

    dialog.addEventListener("close", () => {
      if (state !== "warning" || dialog.open || isSuppressed) return;
      isSuppressed = !canExtend;
      if (isSuppressed) return;
      reconcile(); // opens it again, until the extension has succeeded
      onStay();
    });

    // An application's own dialog beneath shall not close on our Escape, nor shall its
    // shortcuts work on a page that nobody sees.
    for (const box of [dialog, coverDialog]) {
      box.addEventListener("keydown", (event) => event.stopPropagation());
    }

    // ---- The cover -----------------------------------------------------------------

    // It is a modal dialog outside the body: what the application has in the top layer
    // is hidden with the body, and does not make the cover inert. To set a property is
    // no inline style in the sense of a Content-Security-Policy.
    function coverPage() {
      if (coverState) return;
      showVariant(coverDialog);
      changeTitle(() => location.host);
      const root = page.documentElement;
      root.append(coverDialog);
      keepSelection();
      coverDialog.showModal(); // while the focus is where it shall return
      opened.observe(root, { attributeFilter: ["open"], subtree: true });
      coverState = { left: scrollX, top: scrollY, behavior: "instant", styles: [] };
      for (const { style } of root.children) {
        if (style === coverDialog.style) continue;
        const value = style.getPropertyValue("display");
        coverState.styles.push([style, value, style.getPropertyPriority("display")]);
        style.setProperty("display", "none", "important");
      }
    }

    // A modal dialog that the application opens meanwhile, though hidden with the body,
    // makes the cover inert.
    const opened = new MutationObserver((changes) => {
      const isAbove = ({ target }) => target !== coverDialog && target.matches(":modal");
      if (!changes.some(isAbove)) return;
      coverDialog.close();
      coverDialog.showModal();
      if (state === "locked") loginLink.focus();
    });

    function uncoverPage() {
      if (!coverState) return;
      const { styles, ...scroll } = coverState;
      coverState = null;
      opened.disconnect();
      for (const [style, ...before] of styles) style.setProperty("display", ...before);
      coverDialog.close();
      coverDialog.remove();
      dialog.after(coverDialog); // where this file finds it if it runs again
      restoreSelection();
      scrollTo(scroll);
      changeTitle(dialog.open ? warning : null);
    }

    // The browser gives the focus back when a dialog closes, but not what is selected,
    // and nothing to what is within a frame.
    function keepSelection() {
      if (reselect) return;
      let element = page.activeElement;
      const inner = () => (element?.shadowRoot ?? element?.contentDocument)?.activeElement;
      while (inner()) element = inner();
      const selection = element?.ownerDocument.getSelection?.();
      const { anchorNode, anchorOffset, focusNode, focusOffset } = selection ?? {};
      reselect = () => {
        // With the focus, a text field gets back what was selected in it.
        if ("selectionStart" in element) element.blur();
        element.focus({ preventScroll: true });
        if (!element.contains(anchorNode)) return;
        selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
      };
    }

    function restoreSelection() {
      if (dialog.open || coverDialog.open) return;
      const restore = reselect;
      reselect = null;
      try {
        restore?.();
      } catch {
        // The application has changed or removed it meanwhile.
      }
    }

    // Why the page is covered, once that is known.
    function explainCover(variant) {
      showVariant(coverDialog, variant);
      const text = coverDialog.querySelector(`[data-when=${variant}]`).textContent;
      changeTitle(() => text.trim());
    }

    // open() takes everything out of the document, and every listener off it: also an
    // application's own for beforeunload, which could otherwise hold the page.
    function emptyPage(variant) {
      if (isEmptied) return explainCover(variant);
      isEmptied = true;
      const { lang, dir } = page.documentElement;
      const scheme = getComputedStyle(page.documentElement).colorScheme;
      const kept = page.querySelectorAll(
        "link[data-session-timeout-style], meta[name=viewport]",
      );
      coverDialog.close();
      coverDialog.remove();
      try {
        page.open();
        page.close();
      } catch {
        page.body.replaceChildren(); // XHTML cannot be opened
      }
      const root = page.documentElement;
      Object.assign(root, { lang, dir }).style.colorScheme = scheme;
      page.head.append(...kept);
      root.append(coverDialog);
      coverDialog.showModal();
      explainCover(variant);
      addListeners();
    }

    // The page that the server names; null for what is none, such as "javascript:".
    function urlOf(redirect) {
      try {
        const url = new URL(redirect, new URL(data.statusUrl, location.href));
        return /^https?:$/.test(url.protocol) ? url.href : null;
      } catch {
        return null;
      }
    }

    function endSession({ reason = null, redirect = null, newcomer }) {
      env.clearTimeout(timer);
      if (newcomer) leaveFor = null;
      if (state === "locked") return newcomer ? leavePage(newcomer) : schedule(timeLeft());
      const isLocked = !newcomer && mayLock(reason);
      state = isLocked ? "locked" : "ended";
      leaveFor = redirect;
      coverPage();
      broadcast("ended");
      if (!dispatch("ended", { reason, redirect })) {
        state = "ended";
        dialog.close();
        leaveToApplication();
      } else if (isLocked) lockPage();
      else leavePage(newcomer);
    }

    // After a sign-out, and on a page that the Back button brings, nobody goes on. Only
    // the first request after the end is told the reason; for the others, the time is up.
    function mayLock(reason) {
      const isTimeout = reason || state === "locked" || timeLeft() <= 0;
      return Boolean(lockTime && isTimeout && !isEmptied && !isRestored);
    }

    // A computer that has slept counts from the end, and not from when it wakes.
    function lockPage() {
      const end = later(readClocks(), Math.min(timeLeft(), 0));
      deadline = later(end, lockTime);
      failures = 0;
      explainCover("locked");
      loginLink.focus();
      schedule(timeLeft());
    }

    function leavePage(newcomer) {
      state = "ended";
      env.clearTimeout(timer);
      emptyPage("ended");
      // No login page tells a visitor who was not signed in: this one does, until it is
      // reloaded.
      const stays = newcomer ? !mayReloadFor(newcomer) : "reload" in data;
      if (stays) coverDialog.querySelector("button").hidden = false;
      else location.replace((leaveFor && urlOf(leaveFor)) ?? pageUrl);
    }

    // A single-page application may log in again, and ask for another dialog.
    function leaveToApplication() {
      uncoverPage();
      if (!statusUrl) return;
      stop();
      dialog.remove();
      coverDialog.remove();
      api.running = null;
    }

    coverDialog.addEventListener("click", (event) => {
      if (event.target.closest("[data-leave]")) leavePage();
      else if (event.target.closest("button")) location.replace(pageUrl);
    });

    // closedby="none" in the template prevents this where the browser knows it.
    coverDialog.addEventListener("cancel", (event) => event.preventDefault());
    coverDialog.addEventListener("close", () => {
      if (coverState && !coverDialog.open) coverDialog.showModal();
    });

    // ---- What is shown -------------------------------------------------------------

    function showVariant(box, variant) {
      for (const element of box.querySelectorAll("[data-when]")) {
        element.hidden = element.dataset.when !== variant;
      }
    }

    const warning = (plain) => {
      const heading = find(`[data-when=${shownVariant}]`).textContent.trim();
      return `${heading} – ${plain}`;
    };

    function changeTitle(make) {
      if (changedTitle && page.title === changedTitle.ours) {
        page.title = changedTitle.plain;
      }
      changedTitle = null;
      if (!make) return;
      const plain = page.title;
      page.title = make(plain);
      changedTitle = { plain, ours: page.title };
    }

    // ---- What is heard -------------------------------------------------------------

    const dispatch = (name, detail = {}) =>
      page.dispatchEvent(
        new CustomEvent(`session-timeout:${name}`, { cancelable: true, detail }),
      );

    // To the other tabs. Nothing but a reason to ask the server.
    const broadcast = (kind) => env.channel?.postMessage({ session, kind });

    if (env.channel) {
      env.channel.onmessage = ({ data: message }) => {
        const { session: whose, kind } = message ?? {};
        if (typeof whose !== "string") return;
        // The same session on another page is no news, nor is its extension while there
        // is time: before a warning, the server is asked anyway.
        const isKnown = whose === session && state !== "locked";
        if (isKnown && (kind === "here" || (kind === "extended" && state === "active"))) return;
        check(true);
      };
    }

    function onActivity(event) {
      if (!event.isTrusted || state !== "active" || !canExtend) return;
      // The browser makes moves of no distance when the page changes beneath the pointer.
      if (event.type === "pointermove" && !event.movementX && !event.movementY) return;
      if (env.ticks() - extendedAt < extendInterval) return;
      extendedAt = env.ticks();
      request(true);
    }

    // An input of that name would stand in the way of form.method.
    const isPost = (form) => /^post$/i.test(Element.prototype.getAttribute.call(form, "method"));

    function addListeners() {
      const on = (target, type, listener, options) =>
        target.addEventListener(type, listener, { signal: listeners.signal, ...options });
      on(page, "visibilitychange", () => page.hidden || check());
      on(page, "prerenderingchange", () => check());
      on(page, "resume", () => check());
      on(window, "focus", () => check());
      on(window, "online", () => check());
      on(window, "pageshow", onPageShow);
      on(window, "pagehide", onPageHide);
      on(window, "submit", (event) => (hasPostedForm ||= isPost(event.target)));
      if (!("activity" in data)) return;
      for (const type of ACTIVITY) {
        on(window, type, onActivity, { capture: true, passive: true });
      }
    }

    // When the next page is there, a sign-out that led to it is done.
    function onPageHide(event) {
      if (hasPostedForm) broadcast("left");
      hasPostedForm = false;
      if (!event.persisted || state === "ended") return;
      pending?.abort();
      pending = null;
      isRestored = true;
      if (state === "locked") return;
      coverPage();
      state = "checking";
    }

    function onPageShow(event) {
      if (!event.persisted) return;
      leaveFor = null;
      if (state === "locked") leavePage();
      else check();
    }

    // A page that is covered may have an old token: it asks first.
    const extend = () => request(isUncovered());

    // Returns whether the page was covered.
    function stop() {
      const wasCovered = Boolean(coverState);
      listeners.abort();
      env.clearTimeout(timer);
      env.channel?.close?.();
      hideWarning();
      uncoverPage();
      state = "ended";
      return wasCovered;
    }

    // ---- The beginning -------------------------------------------------------------

    const navigation = performance.getEntriesByType("navigation")[0];
    const isFromCache =
      navigation?.type === "back_forward" || navigation?.deliveryType === "cache";
    const { wall, ticks } = readClocks();
    // The page was asked for when the monotonic clock was at zero; a dialog that comes
    // later has come just now.
    const before = api.running;
    const isLate = before || page.readyState === "complete";
    const since = isLate ? { wall, ticks } : { wall: wall - ticks, ticks: 0 };
    const wasCovered = before?.stop();
    api.running = { check: () => check(true), extend, stop };
    setDeadline(since, data.expiresIn, data.warnBefore, "canExtend" in data);
    noteExtension();
    addListeners();
    broadcast("here");
    // An application may bring back a body that it had before the end.
    if (wasCovered || (isFromCache && !isLate)) {
      coverPage();
      state = "checking";
    } else if (isLate) check();
    reconcile();
  }

  // A page that has no dialog of the template tag's asks the server for it, and again
  // with each SessionTimeout.check() as long as there is no session.
  async function load() {
    const base = new URL(statusUrl, location.href);
    const url = new URL(base);
    url.searchParams.set("dialog", "1");
    const template = page.createElement("template");
    try {
      const response = await fetch(url, {
        headers: { Accept: "application/json", "X-Session-Passive": "1" },
        cache: "no-store",
        credentials: "include",
      });
      template.innerHTML = (await response.json()).dialog ?? "";
    } catch {
      return; // no network, or not our JSON
    }
    const parts = [...template.content.querySelectorAll("link, dialog")];
    if (!parts.length || api.running) return;
    for (const name of ["href", "action", "data-status-url"]) {
      for (const element of template.content.querySelectorAll(`[${name}]`)) {
        element.setAttribute(name, new URL(element.getAttribute(name), base).href);
      }
    }
    page.body.append(...parts);
    start(parts.find((part) => part.matches("[data-session-timeout]")));
  }

  const api = {
    start,
    check: () => (api.running ? api.running.check() : statusUrl && load()),
    extend: () => api.running?.extend(),
    stop: () => api.running?.stop(),
    // Where the body is replaced in place, this file runs again.
    running: Object.hasOwn(window, "SessionTimeout") ? window.SessionTimeout.running : null,
  };
  window.SessionTimeout = api;

  // The page to which the login has led has no session of its own to watch.
  function tellOthers(session) {
    openChannel()?.postMessage({ session, kind: "here" });
    window.close(); // if the browser lets it
  }

  const script = page.currentScript;
  const { statusUrl, session: resumed } = script?.dataset ?? {};
  const dialog = nearest(
    script,
    "previousElementSibling",
    "dialog[data-session-timeout]",
  );
  if (resumed) tellOthers(resumed);
  else if (dialog) start(dialog);
  else if (statusUrl) load();
})();
