"""The example site's URLs, and pages that it has not."""

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import RequestContext, Template
from django.urls import include, path
from shop.models import Note
from shop.urls import urlpatterns as shop

REPORT = Template(
    """{% extends "shop/base.html" %}{% block title %}Report{% endblock %}
{% block content %}<h1>Report</h1>
<form method="post" id="report">{% csrf_token %}
  <label>Patient <input name="patient"></label>
  <label>Findings <textarea name="findings" rows="40"></textarea></label>
  <label>Urgency <select name="urgency"><option>low<option>high</select></label>
  <label><input type="checkbox" name="seen" value="yes"> Seen</label>
  <button>Save the report</button>
</form>
<div id="editor" contenteditable="true" role="textbox" aria-label="Remarks"></div>
{% endblock %}"""
)


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """A long form: what is sent is kept as a note."""
    if request.method == "POST":
        names = ("patient", "findings", "urgency", "seen")
        text = ", ".join(request.POST.get(name, "") for name in names)
        Note.objects.create(author=request.user, text=text)
        return redirect("notes")
    return HttpResponse(REPORT.render(RequestContext(request)))


urlpatterns = [path("report/", report), *shop]
if apps.is_installed("allauth"):
    urlpatterns += [path("accounts/", include("allauth.urls"))]
