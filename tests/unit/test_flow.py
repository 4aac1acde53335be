import asyncio

import pytest

from session_timeout.flow import IOCall, as_sync, call_hook, run_async, run_sync


def double(x):
    return 2 * x


async def adouble(x):
    await asyncio.sleep(0)
    return 2 * x


def fail():
    raise KeyError("sync")


async def afail():
    raise KeyError("async")


def flow(x):
    doubled = yield IOCall(double, adouble, x)
    try:
        yield IOCall(fail, afail)
    except KeyError as error:
        return doubled, error.args[0]


def failing_flow():
    yield IOCall(fail, afail)


def perform(mode, flow):
    return run_sync(flow) if mode == "sync" else asyncio.run(run_async(flow))


def test_a_flow_gets_results_and_errors(mode):
    assert perform(mode, flow(4)) == (8, mode)


def test_an_error_that_the_flow_lets_pass_is_the_callers(mode):
    with pytest.raises(KeyError, match=f"^'{mode}'$"):
        perform(mode, failing_flow())


@pytest.mark.parametrize("function", [double, adouble])
def test_a_function_of_the_sites_may_be_sync_or_async(mode, function):
    def ask():
        return (yield call_hook(function, 4))

    assert perform(mode, ask()) == 8


@pytest.mark.parametrize("function", [double, adouble])
def test_a_function_of_the_sites_as_a_plain_one(function):
    assert as_sync(function)(4) == 8


def test_an_endless_generator_is_closed_when_the_request_is_cancelled():
    closed = []

    def slow_flow():
        try:
            yield IOCall(double, lambda: asyncio.sleep(3600))
        finally:
            closed.append(True)

    async def cancel():
        task = asyncio.create_task(run_async(slow_flow()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert closed == [True]
