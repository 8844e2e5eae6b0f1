"""The hand-written kernel on cuRAND, curand_fused.cu: a program that times itself on the device."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

requires = []

REPEATS = 7


def program():
    return Path(os.environ.get("CLV_BENCH_PROGRAMS", ".")) / "clv_curand_fused"


def unavailable(_device):
    return None if program().exists() else "not built: it needs nvcc and CLV_BENCH_CUDA"


class Run:
    """Runs the program once; later calls give the same."""

    def __init__(self, work):
        self.work = work
        self.report = None

    @property
    def device_seconds(self):
        return self.report["seconds"]

    def __call__(self, _seed):
        if self.report is None:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "figures.json"
                subprocess.run([program(), self.work.file, str(REPEATS), out], check=True)
                self.report = json.loads(out.read_text(encoding="utf-8"))
        return self.report["figures"]


forms = {"cuRAND, fused kernel": Run}
