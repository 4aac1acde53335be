"""A form of the admin that has other forms within it."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from shop.models import Note


class NoteInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Note
    extra = 0


class Users(UserAdmin):
    inlines = (NoteInline,)


admin.site.unregister(User)
admin.site.register(User, Users)
