"""Templates of the project's own, or another template engine."""

from __future__ import annotations

LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]


def templates(settings, *, jinja=False, **own: str):
    """Let the project have templates of its own, and perhaps no engine but Jinja2."""
    (backend,) = settings.TEMPLATES
    options = dict(backend["OPTIONS"])
    if jinja:
        loader = "jinja2.DictLoader"
        from django.utils.module_loading import import_string

        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "OPTIONS": {
                    "environment": "tests.support.jinja.environment",
                    "loader": import_string(loader)(own),
                },
            },
            *([] if jinja == "only" else [backend]),
        ]
    else:
        loaders = [("django.template.loaders.locmem.Loader", own), *LOADERS]
        options["loaders"] = loaders
        settings.TEMPLATES = [{**backend, "APP_DIRS": False, "OPTIONS": options}]
