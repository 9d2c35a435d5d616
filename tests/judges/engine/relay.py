"""A loopback HTTP relay between two programs, which may change what passes."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP = ("connection", "content-length", "host", "keep-alive", "transfer-encoding")


@dataclass
class Message:
    """A request, or the answer to one (then `status` is its status)."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


Send = Callable[[Message], Message]


class Relay:
    """Relays to `target`, `HOST:PORT`. `treat` gets a request and the way to send one; None drops the connection."""

    def __init__(self, target: str, treat: Callable[[str, Message, Send], Message | None]) -> None:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                sending = lambda request: relay.send(self.command, request)  # noqa: E731
                answer = treat(self.command, Message(self.path, body, headers), sending)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = relay

            def log_message(self, *_: Any) -> None:
                pass

        self.target = target
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Relay":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def send(self, method: str, request: Message) -> Message:
        """Sends a request to the target as it is."""
        connection = http.client.HTTPConnection(self.target, timeout=120)
        try:
            connection.request(method, request.path, request.body or None, request.headers)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP}
            return Message(request.path, answer.read(), headers, answer.status)
        except OSError as error:
            return Message(request.path, str(error).encode(), {}, 502)
        finally:
            connection.close()
