"""The URLs of a site in several languages, the first without a prefix."""

from django.conf.urls.i18n import i18n_patterns

from tests.support.urls_in_languages import OWN, PAGES

urlpatterns = [OWN, *i18n_patterns(*PAGES, prefix_default_language=False)]
