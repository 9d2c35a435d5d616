"""Starts AWS's emulator: `start_emulator.py PORT PAGE_BYTES`. PAGE_BYTES, when not 0, bounds an invocation's first page."""

import sys

from aws_durable_execution_sdk_python_testing.runner import WebRunner, WebRunnerConfig
from aws_durable_execution_sdk_python_testing.web.server import WebServiceConfig


def main() -> None:
    port, page_bytes = int(sys.argv[1]), int(sys.argv[2])
    config = WebRunnerConfig(
        web_service=WebServiceConfig(host="127.0.0.1", port=port),
        local_runner_region="us-east-1",
        max_invocation_page_bytes=page_bytes or None,
    )
    with WebRunner(config) as runner:
        runner.serve_forever()


main()
