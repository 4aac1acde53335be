"""The script with a clock, a channel and a server of the test's own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.world import World, warning

pytestmark = pytest.mark.browser

START = """() => {
  const timers = new Map(), delays = [], answers = [], sent = [];
  let id = 0;
  const channel = { postMessage: (message) => sent.push(message), close() {} };
  const own = { time: 0, timers, delays, answers, sent, channel };
  window.own = own;
  own.alive = (more) => new Response(JSON.stringify({
    active: true, expires_in: 120, reason: "idle", can_extend: true, warn_before: 60,
    session: own.session, csrf_token: "token", ...more,
  }));
  own.reach = (time) => {
    own.time = time;
    for (const [id, [f, at]] of [...timers]) {
      if (at <= time * 1000 && timers.delete(id)) f();
    }
  };
  const dialog = document.querySelector("[data-session-timeout]");
  own.session = dialog.dataset.session;
  SessionTimeout.start(dialog, {
    now: () => 1e12 + own.time * 1000,
    ticks: () => own.time * 1000,
    setTimeout: (f, ms) => {
      delays.push(ms);
      timers.set(++id, [f, own.time * 1000 + ms]);
      return id;
    },
    clearTimeout: (id) => timers.delete(id),
    fetch: () => new Promise((resolve) => answers.push(resolve)),
    channel,
  });
}"""


@pytest.fixture
def page(world: World) -> Page:
    page = world.sign_in()
    page.evaluate(START)
    page.evaluate("own.answers[0](own.alive())")
    return page


def test_clock_can_be_injected(page: Page) -> None:
    page.evaluate("own.reach(59)")
    expect(warning(page)).to_be_hidden()
    page.evaluate("own.reach(60)")
    expect(warning(page)).to_be_visible()


def test_page_is_kept_when_the_secret_key_changes(page: Page) -> None:
    page.evaluate("SessionTimeout.check(); 0")
    page.evaluate(
        "own.answers[1](own.alive({ session: 'new', former_sessions: [own.session] }))"
    )
    page.evaluate("own.reach(10); SessionTimeout.check(); 0")
    page.evaluate("own.answers[2](own.alive({ session: 'new', expires_in: 100 }))")
    page.evaluate("own.reach(49)")
    expect(warning(page)).to_be_hidden()
    page.evaluate("own.reach(50)")
    expect(warning(page)).to_be_visible()


def test_channel_can_be_injected(page: Page) -> None:
    page.evaluate("SessionTimeout.extend(); 0")
    page.evaluate("own.answers[1](own.alive())")
    page.wait_for_function("() => own.sent.length === 2", polling=20)
    assert page.evaluate("own.sent.map(({ kind }) => kind)") == ["here", "extended"]
    assert page.evaluate("own.sent.every(({ session }) => session === own.session)")


def test_late_answer_to_a_question_from_before_an_extension_is_ignored(
    page: Page,
) -> None:
    page.evaluate("own.reach(60); SessionTimeout.check(); SessionTimeout.extend(); 0")
    expect(warning(page)).to_be_visible()
    page.evaluate("own.answers[2](own.alive())")
    expect(warning(page)).to_be_hidden()
    page.evaluate("own.answers[1](own.alive({ expires_in: 30 }))")
    page.evaluate("own.reach(61)")
    expect(warning(page)).to_be_hidden()


def test_time_that_an_answer_took_counts(page: Page) -> None:
    page.evaluate("SessionTimeout.check(); own.reach(8)")
    page.evaluate("own.answers[1](own.alive({ expires_in: 112 }))")
    page.evaluate("settled()")
    page.evaluate("own.reach(51)")
    expect(warning(page)).to_be_hidden()
    page.evaluate("own.reach(52)")
    expect(warning(page)).to_be_visible()


def test_question_waits_for_an_extension_under_way(page: Page) -> None:
    page.evaluate("SessionTimeout.extend(); own.channel.onmessage({ data: 0 })")
    page.evaluate(
        "own.channel.onmessage({ data: { session: own.session, kind: 'ended' } })"
    )
    assert page.evaluate("own.answers.length") == 2
    page.evaluate("own.answers[1](own.alive())")
    page.wait_for_function("() => own.answers.length === 3", polling=20)


def test_alive_without_time_left_is_not_asked_again_at_once(page: Page) -> None:
    page.evaluate("own.reach(120); own.answers[1](own.alive({ expires_in: 0 }))")
    page.evaluate("settled()")
    assert page.evaluate("own.answers.length") == 2


def test_no_timer_is_longer_than_a_minute(page: Page) -> None:
    """One of 2^31 ms would fire at once, which the fake clocks do not imitate."""
    page.evaluate(
        "SessionTimeout.check(); own.answers[1](own.alive({expires_in: 1e8}))"
    )
    page.evaluate("own.reach(30); own.reach(60); own.reach(120)")
    assert page.evaluate("Math.max(...own.delays)") == 60_000


def test_alive_without_any_limit_never_warns(page: Page) -> None:
    page.evaluate(
        "SessionTimeout.check(); own.answers[1](own.alive({expires_in: null}))"
    )
    page.evaluate("own.reach(1e9)")
    expect(warning(page)).to_be_hidden()


def test_limit_that_can_no_longer_be_moved_changes_the_open_dialog(page: Page) -> None:
    page.evaluate("own.reach(60)")
    expect(warning(page)).to_be_visible()
    page.evaluate("SessionTimeout.extend(); 0")
    page.evaluate("own.answers[1](own.alive({ can_extend: false, warn_before: 300 }))")
    final = page.get_by_role("alertdialog", name="Your session is about to end")
    expect(final).to_be_visible()
    expect(final.get_by_role("button", name="Close")).to_be_focused()


def test_script_that_is_stopped_does_nothing_more(page: Page) -> None:
    page.evaluate("own.reach(60)")
    expect(warning(page)).to_be_visible()
    page.evaluate("SessionTimeout.stop()")
    expect(warning(page)).to_be_hidden()
    asked = page.evaluate("own.answers.length")
    page.evaluate("own.reach(1000); SessionTimeout.check(); SessionTimeout.extend(); 0")
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert page.evaluate("own.answers.length") == asked


def test_dialog_that_the_application_has_thrown_away_comes_back(page: Page) -> None:
    page.evaluate("document.querySelector('[data-session-timeout]').remove()")
    page.evaluate("own.reach(60)")
    expect(warning(page)).to_be_visible()
