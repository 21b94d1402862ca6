"""A small web application of the standard library alone: a page of notes that visitors can add to.

PORT     port to listen on, 5000 if absent
DATA     a folder in which notes are kept, for example a volume; in memory if absent
"""
import html
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

NOTE_LENGTH_MAX = 500
NOTES_MAX = 1000
BODY_BYTES_MAX = 16_384

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Notes</title>
<style>body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }}
input {{ font: inherit; width: 70% }} button {{ font: inherit }}</style>
<h1>It works: this page comes from Python {version}</h1>
<form method="post" action="notes"><input name="text" maxlength="{length}" aria-label="A note" required> <button>Add</button></form>
<ul>{items}</ul>
</html>
"""


class Notes:
    """The notes, newest first; in a file if there is a folder for it."""

    def __init__(self, folder):
        self._file = Path(folder) / "notes.json" if folder else None
        self._lock = threading.Lock()
        self._notes = json.loads(self._file.read_text()) if self._file and self._file.exists() else []

    def all(self):
        with self._lock:
            return list(self._notes)

    def add(self, text):
        with self._lock:
            self._notes = [text[:NOTE_LENGTH_MAX], *self._notes][:NOTES_MAX]
            if self._file:
                whole = self._file.with_suffix(".new")
                whole.write_text(json.dumps(self._notes))
                whole.replace(self._file)


class Handler(BaseHTTPRequestHandler):
    notes = Notes(os.environ.get("DATA"))
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, "text/plain; charset=utf-8", "ok\n")
        elif self.path == "/notes":
            self.answer(200, "application/json", json.dumps(self.notes.all()))
        elif self.path == "/":
            items = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes.all())
            version = sys.version.split()[0]
            self.answer(200, "text/html; charset=utf-8", PAGE.format(version=version, length=NOTE_LENGTH_MAX, items=items))
        else:
            self.answer(404, "text/plain; charset=utf-8", "not found\n")

    def do_POST(self):
        size = int(self.headers.get("content-length", 0))
        if self.path != "/notes" or size > BODY_BYTES_MAX:
            self.close_connection = True
            self.answer(404 if self.path != "/notes" else 413, "text/plain; charset=utf-8", "not taken\n")
            return
        text = parse_qs(self.rfile.read(size).decode()).get("text", [""])[0].strip()
        if text:
            self.notes.add(text)
        self.answer(303, "text/plain; charset=utf-8", "", {"location": "./"})

    def answer(self, status, content_type, body, more=None):
        content = body.encode()
        self.send_response(status)
        for name, value in {"content-type": content_type, "content-length": str(len(content)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        print(format % args, flush=True)


def main():
    # As process 1 Python would ignore SIGTERM without a handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ.get("PORT", "5000"))
    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = True
    print(f"notes listening on :{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
