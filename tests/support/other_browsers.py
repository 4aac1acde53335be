"""Browsers that Playwright cannot drive, beside each other: Firefox and WebKitGTK."""

from __future__ import annotations

import gc
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from tempfile import TemporaryDirectory
from typing import Any

from pyvirtualdisplay.display import Display
from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.support.servers import absent


@contextmanager
def their_warnings() -> Iterator[None]:
    """Let the drivers use old escape sequences and names, and leave sockets open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect()


with their_warnings():
    from marionette_driver.by import By
    from marionette_driver.marionette import Marionette

ESCAPE = "\ue00c"  # https://www.w3.org/TR/webdriver2/#keyboard-actions
MINI_BROWSER = "/usr/lib/*/webkit2gtk-4.1/MiniBrowser"
START_UP = 60  # seconds at most


class Firefox:
    """Firefox, by its own protocol: no other program has to be installed."""

    def __init__(self, driver: Marionette) -> None:
        self.driver = driver

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Firefox]:
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        path or absent("Firefox is not there: apt-get install firefox-esr")
        options = {"headless": True, "port": 0, "startup_timeout": START_UP}
        with TemporaryDirectory() as logs:
            with their_warnings():
                driver = Marionette(bin=path, gecko_log=logs, **options)
                driver.start_session()
            yield cls(driver)
            with their_warnings():
                driver.cleanup()

    def go(self, url: str) -> None:
        self.driver.navigate(url)

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what the script returns, which gets the arguments."""
        return self.driver.execute_script(script, arguments, sandbox=None)

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def url(self) -> str:
        return str(self.driver.get_url())

    def windows(self) -> list[str]:
        return list(self.driver.window_handles)

    def turn_to(self, window: str) -> None:
        self.driver.switch_to_window(window)

    def open_window(self) -> None:
        self.turn_to(self.driver.open(type="tab")["handle"])

    def close_window(self) -> None:
        self.driver.close()

    def forget(self) -> None:
        self.driver.delete_all_cookies()


class WebKit:
    """WebKitGTK's own small browser, which needs a screen."""

    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self.driver = driver

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[WebKit]:
        programs = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
        if None in programs:
            absent("WebKitGTK is not there: apt-get install webkit2gtk-driver xvfb")
        options = Options()
        (options.binary_location,) = glob(MINI_BROWSER)
        options.add_argument("--automation")
        with Display(visible=False):
            with their_warnings():
                driver = webdriver.WebKitGTK(options, Service(programs[0]))
            yield cls(driver)
            driver.quit()

    def go(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def url(self) -> str:
        return self.driver.current_url

    def windows(self) -> list[str]:
        return self.driver.window_handles

    def turn_to(self, window: str) -> None:
        self.driver.switch_to.window(window)

    def open_window(self) -> None:
        self.driver.switch_to.new_window("tab")

    def close_window(self) -> None:
        self.driver.close()

    def forget(self) -> None:
        self.driver.delete_all_cookies()


OtherBrowser = Firefox | WebKit
BROWSERS: dict[str, Callable[[], Any]] = {
    "Firefox": Firefox.running,
    "WebKitGTK": WebKit.running,
}
