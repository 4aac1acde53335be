"""Inactivity timeout for Django sessions."""
