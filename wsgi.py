"""The web application for a WSGI server (网页服务入口)."""

from hwrisk.app import served_app

app = served_app()
