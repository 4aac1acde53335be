"""The limits of the site, in seconds, and how the soak waits."""

import asyncio

LIMIT = 15.0  # idle for so long, a session has ended
GRACE = 1.0
LATE = 5.0  # after its session has ended, a socket may stay open for so long


async def pause(seconds: float, over: asyncio.Event) -> None:
    """Wait for so many seconds, or until the soak is over."""
    try:
        await asyncio.wait_for(over.wait(), seconds)
    except TimeoutError:
        return
