"use strict";

const POLL_EVERY = 5000;
const SHOW_FOR = 2000;

function onClick(id, listener) {
  document.getElementById(id)?.addEventListener("click", listener);
}

// The page that polls. Its URL is passive, so that this keeps no session alive.
async function poll(output) {
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(output.dataset.url, { headers });
    const answer = await response.json();
    if (response.status === 401) {
      const link = document.createElement("a");
      link.id = "poll-redirect";
      link.href = answer.redirect;
      link.textContent = "Sign in again";
      output.replaceChildren(`${answer.detail} `, link);
      return;
    }
    output.textContent = answer.idle === null
      ? "You have no session."
      : `Idle for ${answer.idle} of ${answer.limit} s.`;
  } catch {
    output.textContent = "The server does not answer.";
  }
  setTimeout(poll, POLL_EVERY, output);
}

// As htmx does it: the header goes out, and HX-Redirect in the answer is followed.
async function getFragment(event) {
  const output = document.getElementById("fragment");
  try {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const response = await fetch(event.target.dataset.url, { headers });
    const redirect = response.headers.get("HX-Redirect");
    if (redirect) {
      location.assign(redirect);
    } else {
      output.innerHTML = await response.text();
    }
  } catch {
    output.textContent = "The server does not answer.";
  }
}

async function getJson(event) {
  const output = document.getElementById("json");
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(event.target.dataset.url, { headers });
    const answer = await response.json();
    output.textContent = `${response.status}\n${JSON.stringify(answer, null, 2)}`;
    if (response.status === 401) {
      setTimeout(() => location.assign(answer.redirect), SHOW_FOR);
    }
  } catch {
    output.textContent = "The server does not answer.";
  }
}

onClick("fragment-button", getFragment);
onClick("json-button", getJson);
const pollOutput = document.getElementById("poll");
if (pollOutput) {
  poll(pollOutput);
}
