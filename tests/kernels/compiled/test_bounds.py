import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="needs pages of POSIX")
def test_nothing_is_read_beyond_the_images():
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.kernels.compiled.guarded"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[:2000]
    assert int(result.stdout) > 2500
