"""Headers of every response: what a page may load, where it may be framed, what may be kept."""

from __future__ import annotations

from flask import Flask, Response, g, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=()",
}
_YEAR_S = 365 * 24 * 3600


def init_headers(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every response of `app`."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _FIXED.items():
            # A file that was uploaded comes with a stricter policy of its own.
            response.headers.setdefault(name, value)
        if is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
        if request.endpoint == "static":
            # Addresses of static files carry a hash of their content (`static_url`).
            kept = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
            response.headers["Cache-Control"] = kept
        else:
            # Pages show personal and business data; the next person at the device must not find them in the cache.
            response.headers["Cache-Control"] = "no-store"
            response.vary.add("HX-Request")
        if "request_id" in g:
            response.headers["X-Request-Id"] = g.request_id
        return response
