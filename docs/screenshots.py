"""Takes the pictures in docs/images from the example site, in Chromium.

python -m docs.screenshots

It runs from the root of the repository, and needs the packages of the group "test", and
Chromium.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.support.world import LIMIT, WARNING, Server, World, serving

IMAGES = Path(__file__).parent / "images"
DESKTOP = {"width": 900, "height": 560}
PHONE = {"width": 320, "height": 560}
DARK = {"viewport": DESKTOP, "color_scheme": "dark"}


def warn(world: World) -> Page:
    page = world.sign_in("/notes/")
    page.locator("#private").evaluate("element => element.remove()")
    world.run(LIMIT - WARNING + 12)
    return page


def warn_in_arabic(world: World) -> Page:
    cookie = {"name": "django_language", "value": "ar", "url": world.server.url}
    world.context.add_cookies([cookie])
    return warn(world)


def warn_of_the_absolute_limit(world: World) -> Page:
    world.choose(idle="1800", absolute="120")
    page = world.sign_in("/notes/")
    page.locator("#private").evaluate("element => element.remove()")
    world.run(75)
    return page


def cover(world: World) -> Page:
    page = warn(world)
    page.route("**/session-timeout/status/", lambda route: route.abort())
    world.run(WARNING)
    return page


PICTURES: dict[str, tuple[Callable[[World], Page], dict[str, Any]]] = {
    "warning": (warn, {"viewport": DESKTOP}),
    "warning-dark": (warn, DARK),
    "warning-rtl": (warn_in_arabic, {"viewport": DESKTOP}),
    "warning-phone": (warn, {"viewport": PHONE}),
    "absolute": (warn_of_the_absolute_limit, {"viewport": DESKTOP}),
    "absolute-dark": (warn_of_the_absolute_limit, DARK),
    "unreachable": (cover, {"viewport": DESKTOP}),
    "unreachable-dark": (cover, DARK),
}


def take(browser: Browser, server: Server) -> None:
    for name, (scene, options) in PICTURES.items():
        context = browser.new_context(**options)
        page = scene(World(server, context))
        page.screenshot(path=IMAGES / f"{name}.png")
        context.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as directory,
        serving(Path(directory) / "db.sqlite3") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        take(browser, server)
        browser.close()


if __name__ == "__main__":
    main()
