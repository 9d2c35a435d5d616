"""A receiver of OTLP/HTTP that keeps every export request as the bytes that came."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Export:
    """One export request. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Recorder:
    """The requests so far, and the URL to export to."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.lock = threading.Lock()
        self.kept: list[Export] = []

    def keep(self, export: Export) -> None:
        with self.lock:
            self.kept.append(export)

    def exports(self) -> list[Export]:
        with self.lock:
            return list(self.kept)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Receives on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            if headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            recorder.keep(Export(self.path, headers, body))
            # An empty message: everything was taken.
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A function that is killed closes its connection."""

    server = Server(("127.0.0.1", 0), Handler)
    recorder = Recorder(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
