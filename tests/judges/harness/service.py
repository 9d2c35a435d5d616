"""The real service as a child process on free loopback ports, in a directory of its own."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The longest wait for anything that must happen; who waits this long has failed.
PATIENCE_SECONDS = 60

TERMINAL = ("completed", "failed", "timed_out", "stopped")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def token(self) -> str:
        """The execution token, from the status URL in `Location`; empty in an answer that has none."""
        return self.headers.get("location", "").rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.status} {self.body[:200].decode(errors='replace')}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer."""

    def redirect_request(self, *_: object) -> None:
        return None


# No proxy of the environment stands between a judge and a loopback port.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def request(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Sends a request; an answer of any status is returned."""
    asked = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with OPENER.open(asked, timeout=PATIENCE_SECONDS) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Waits until `holds` returns something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        if found := holds():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds:.0f} s: {what}")
        time.sleep(0.05)


def binary(name: str) -> Path:
    """A binary of the workspace, which the runner has built."""
    return Path(os.environ["JUDGE_BINARIES"]) / name


class Service:
    """`tracehook-local`, used as `with Service(config) as service`.

    `config` is the text of its configuration file, in which `DIRECTORY` stands for the service's own directory; `files` are
    texts by their paths in that directory. The state is kept in memory.
    """

    def __init__(self, config: str | None = None, files: dict[str, str] | None = None, faults: Any = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="tracehook-judge-"))
        self.arguments = ["--port", "0", "--memory", "--ready-file", str(self.directory / "ready.json")]
        self.arguments += ["--functions-dir", os.environ["JUDGE_BINARIES"]]
        for path, text in (files or {}).items():
            (self.directory / path).parent.mkdir(parents=True, exist_ok=True)
            (self.directory / path).write_text(text)
        if config is not None:
            (self.directory / "config.toml").write_text(config.replace("DIRECTORY", str(self.directory)))
            self.arguments += ["--config", str(self.directory / "config.toml")]
        if faults is not None:
            (self.directory / "faults.json").write_text(json.dumps(faults))
            self.arguments += ["--faults", str(self.directory / "faults.json")]
        self.child: subprocess.Popen[bytes] | None = None
        self.url = self.aws_url = ""
        # What the service's AWS takes from whoever is no function, as `boto3.client` and botocore take it.
        self.credentials: dict[str, str] = {}

    def __enter__(self) -> "Service":
        try:
            with (self.directory / "output.log").open("wb") as log:
                command = [str(binary("tracehook-local")), *self.arguments]
                self.child = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory)
            ready = until(self.ready, "the service serves")
        except BaseException:
            self.__exit__()
            raise
        self.url, self.aws_url = ready["url"], ready["aws_url"]
        self.credentials = {f"aws_{name}": value for name, value in ready["aws_credentials"].items()}
        return self

    def ready(self) -> Any:
        if self.child and self.child.poll() is not None:
            raise RuntimeError(f"the service ended before it served: {self.output()[-2000:]}")
        path = self.directory / "ready.json"
        return json.loads(path.read_text()) if path.exists() else None

    def __exit__(self, *_: object) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def aws_environment(self) -> dict[str, str]:
        """The credentials as a function has them."""
        return {name.upper(): value for name, value in self.credentials.items()}

    def aws_headers(self, service: str) -> dict[str, str]:
        """The headers of a call of the service's AWS. It judges the credentials, not the signature."""
        scope = f"{self.credentials['aws_access_key_id']}/20260101/us-east-1/{service}/aws4_request"
        return {
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "x-amz-security-token": self.credentials["aws_session_token"],
        }

    def stop(self, token: str) -> Answer:
        """Stops the running execution of a webhook."""
        return self.post("/local/stop", json.dumps({"token": token}).encode())

    def output(self) -> str:
        """What the service and its functions have printed."""
        return (self.directory / "output.log").read_text(errors="replace")

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        return request("POST", self.url + path, body, {"Content-Type": "application/json"} | (headers or {}))

    def deliver(self, path: str, body: bytes, headers: Iterable[tuple[str, str]], method: str = "POST") -> Answer:
        """Sends a request with these headers only, in this order and case; `Host` and `Content-Length` are set anew."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        fields = {name.lower(): (name, value) for name, value in headers}
        fields["content-length"] = (fields.get("content-length", ("Content-Length",))[0], str(len(body)))
        fields.pop("host", None)
        with closing(connection):
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in fields.values():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())

    def get(self, path: str) -> Answer:
        return request("GET", self.url + path)

    def status(self, token: str) -> Any:
        """The status answer of a webhook."""
        answer = self.get(f"/status/{token}")
        assert answer.status == 200, f"the status of {token} is answered {answer.status}"
        return answer.json()

    def ended(self, token: str) -> Any:
        """The status answer of a webhook once it has ended."""

        def terminal() -> Any:
            status = self.status(token)
            return status if status["status"] in TERMINAL else None

        return until(terminal, f"the webhook {token} ends")

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replaces all rules of faults."""
        plan = json.dumps({"rules": list(rules)}).encode()
        answer = request("PUT", self.url + "/local/faults", plan, {"Content-Type": "application/json"})
        assert answer.status < 300, f"the faults are answered {answer.status}: {answer.body[:300]!r}"
