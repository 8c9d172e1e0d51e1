"""A server's threads take short turns, so that what reckons beside the door does not starve it."""

import os
import subprocess
import sys

SAYING = """
import sys
from app.cli.runtime import Runtime
from app.cli.serving import application
application(Runtime(sys.argv[1], None, "serve"))
print(sys.getswitchinterval())
"""


def test_a_thread_of_a_server_goes_on_for_less_than_a_millisecond_while_another_waits(sqlite_file_url: str) -> None:
    environment = {**os.environ, "KUTSU_SECRET_KEY": "a secret of nobody's installation"}
    said = subprocess.run(
        [sys.executable, "-c", SAYING, sqlite_file_url], capture_output=True, text=True, check=True, env=environment
    )
    assert float(said.stdout) < 0.001
