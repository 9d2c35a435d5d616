"""A delivery as a producer sent it, and changed on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.service import Answer, Service

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Delivery:
    """One request, without its host and path. `at` is the second at which it arrives; now when it is None."""

    method: str
    headers: Headers
    body: bytes
    query: str = ""
    at: int | None = None

    def send(self, service: Service, source: str) -> Answer:
        """Sends it to a source."""
        path = f"/webhook/{source}" + (f"?{self.query}" if self.query else "")
        return service.deliver(path, self.body, self.headers, self.method)

    def changed(self, change: Mapping[str, Any]) -> "Delivery":
        """With the changes that a case names: `bit`, `append`, `replace` of the body, `headers`, `at`."""
        delivery = self
        for what, how in change.items():
            if what == "bit":
                delivery = replace(delivery, body=flipped(delivery.body, how))
            elif what == "append":
                delivery = replace(delivery, body=delivery.body + how.encode())
            elif what == "replace":
                old, new = (text.encode() for text in how)
                if delivery.body.count(old) == 0:
                    raise ValueError(f"{old!r} is not in the body")
                delivery = replace(delivery, body=delivery.body.replace(old, new))
            elif what == "headers":
                delivery = replace(delivery, headers=with_headers(delivery.headers, how))
            elif what == "at":
                delivery = replace(delivery, at=how)
            else:
                raise ValueError(f"no change is named {what}")
        return delivery


def flipped(body: bytes, where: str) -> bytes:
    """The body with its lowest bit changed in the first, middle or last byte."""
    index = {"first": 0, "middle": len(body) // 2, "last": len(body) - 1}[where]
    return body[:index] + bytes([body[index] ^ 1]) + body[index + 1 :]


def with_headers(headers: Headers, new: Mapping[str, str | None]) -> Headers:
    """The headers with other values; None takes a header out. A header that is not there is an error."""
    if missing := new.keys() - {name for name, _ in headers}:
        raise ValueError(f"no header is named {', '.join(missing)}")
    values = ((name, new.get(name, value)) for name, value in headers)
    return tuple((name, value) for name, value in values if value is not None)


def accepted(answer: Answer) -> bool:
    """Whether the producer takes the answer for a success."""
    return 200 <= answer.status < 300


def refused(answer: Answer, is_of_time: bool) -> bool:
    """Whether the service refuses the delivery as not genuine, with the code for a wrong time only if `is_of_time`."""
    return answer.status == 401 and (answer.json().get("code") == "signature_stale") == is_of_time
