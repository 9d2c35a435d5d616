"""Requests byte by byte over a socket, and their answers read by h11, a parser that is not ours."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11


@dataclass(frozen=True)
class Answer:
    """An answer on the wire. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def exchange(url: str, request: bytes, methods: list[str]) -> list[Answer]:
    """Sends `request` and reads the answers until the service closes the connection.

    `methods` are those of the requests in it: the answer to HEAD has no body. Interim answers are among the answers.
    """
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as connection:
        connection.sendall(request)
        data = b""
        while part := receive(connection):
            data += part
    return read(data, methods)


def receive(connection: socket.socket) -> bytes:
    """The next bytes; none when the connection has ended, also by a reset."""
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""
    except TimeoutError as error:
        raise AssertionError("the service neither answers nor closes the connection") from error


def read(data: bytes, methods: list[str]) -> list[Answer]:
    """The answers in `data`. Anything that is no HTTP raises `h11.RemoteProtocolError`."""
    answers: list[Answer] = []
    for method in methods:
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
        parser.send(h11.EndOfMessage())
        parser.receive_data(data)
        # The end of the connection ends an answer without a length.
        parser.receive_data(b"")
        while True:
            event = parser.next_event()
            if isinstance(event, h11.InformationalResponse | h11.Response):
                answers.append(Answer(event.status_code, lower(event), b""))
            elif isinstance(event, h11.Data):
                last = answers.pop()
                answers.append(Answer(last.status, last.headers, last.body + bytes(event.data)))
            else:
                break
        data = parser.trailing_data[0]
        if not data:
            break
    assert not data, f"{len(data)} bytes come after the last answer: {data[:80]!r}"
    return answers


def lower(event: h11.Response | h11.InformationalResponse) -> dict[str, str]:
    """The headers of an answer."""
    return {name.decode().lower(): value.decode() for name, value in event.headers}
