"""The page in a real browser: the example site, in Chromium, on one clock."""
