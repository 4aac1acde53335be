"""One engine in one mode, in a process of its own; the results go out as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    # Moves what is created later to other addresses; see benchmarks.instructions.
    count = int(os.environ["BENCHMARK_PADDING"])
    padding = [f"{number:>{number % 80}}" for number in range(count)]
    import django

    django.setup()
    task, mode, rounds = sys.argv[1], os.environ["BENCHMARK_MODE"], int(sys.argv[2])
    if task != "instructions":  # which "prepare" has prepared
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    tasks = {
        "compare": compare,
        "instructions": instructions,
        "memory": memory,
        "prepare": prepare,
    }
    json.dump(tasks[task](mode, rounds), sys.stdout)
    del padding


def say(text: str) -> None:
    sys.stderr.write(f"    {text}\n")


def new_user() -> Any:
    from django.contrib.auth.models import User

    return User.objects.create_user("visitor")


def find_user() -> Any:
    from django.contrib.auth.models import User

    return User.objects.get(username="visitor")


def open_sites(mode: str, user: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the sites that answer, and why the others do not."""
    from benchmarks.contestants import CONTESTANTS, using
    from benchmarks.site import SITES, log_in

    sites, problems = {}, {}
    for contestant in CONTESTANTS:
        try:
            site = SITES[mode](contestant)
            with using(contestant.settings):
                answer = site.get("/user/", log_in(user))
            if answer.body.decode() != user.get_username():
                raise RuntimeError(f"status {answer.status}")
        except Exception as error:  # whatever a package meets on this Django
            problems[contestant.name] = f"{type(error).__name__}: {error}"
        else:
            sites[contestant.name] = site
    return sites, problems


def compare(mode: str, rounds: int) -> dict[str, Any]:
    from benchmarks import timing
    from benchmarks.micro import check

    user = new_user()
    sites, problems = open_sites(mode, user)
    result: dict[str, Any] = {"problems": problems, "check": check(user, mode)}
    say(f"the check alone: {result['check']['median']:.1f} microseconds")
    result["timing"] = {
        view: timing.measure(cells, rounds, 10 if mode == "sync" else 5)
        for view, cells in timing.groups(sites, user).items()
    }
    say("timed")
    result["counts"] = {
        name: counts_of(site, user, mode) for name, site in sites.items()
    }
    return result


def counts_of(site: Any, user: Any, mode: str) -> dict[str, Any]:
    from benchmarks.counting import REQUESTS, count, ends_at_cookie_age
    from benchmarks.losing import lost_writes

    counted = attempt(count, site, user, REQUESTS[mode])
    counted["lost"] = attempt(lost_writes, site, user)
    counted["ends"] = attempt(ends_at_cookie_age, site, user)
    say(f"counted: {site.contestant.name}")
    return counted


def attempt(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except Exception as error:  # whatever a package meets on this Django
        say(f"{function.__name__}: {type(error).__name__}: {error}")
        return {"error": f"{type(error).__name__}: {error}"}


def instructions(mode: str, order: int) -> dict[str, Any]:
    from benchmarks.instructions import ORDERS, count
    from benchmarks.site import SITES

    count([SITES[mode](contestant) for contestant in ORDERS[order]], find_user())
    return {}


def prepare(mode: str, rounds: int) -> dict[str, Any]:
    """Create the user for the workers that count instructions."""
    new_user()
    return {}


def memory(mode: str, rounds: int) -> dict[str, Any]:
    from benchmarks.contestants import CONTESTANTS
    from benchmarks.memory import growth
    from benchmarks.site import SITES

    return growth(SITES[mode](CONTESTANTS[-1]), new_user(), say)


if __name__ == "__main__":
    main()
