"""What a measurement was made on, for its JSON."""

import os
import platform
import shutil
import subprocess
from pathlib import Path


def first_value(file, key):
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)


def command_output(*command, cwd=None):
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def describe():
    cores = len(os.sched_getaffinity(0))
    return {"processor": first_value("/proc/cpuinfo", "model name") or platform.processor(),
            "family_model": f"{first_value('/proc/cpuinfo', 'cpu family')}/{first_value('/proc/cpuinfo', 'model')}",
            "cores": cores,
            "memory": first_value("/proc/meminfo", "MemTotal"),
            "system": platform.platform(),
            "python": platform.python_version(),
            "gpus": (command_output("nvidia-smi", "--query-gpu=name,driver_version,clocks.max.sm,memory.total",
                                    "--format=csv,noheader") or "").splitlines()}


def commit(root):
    """Of the checkout, with + where files differ from it; a bundle has it in a file."""
    bundled = root / "COMMIT"
    if bundled.exists():
        return bundled.read_text(encoding="utf-8").strip()
    head = command_output("git", "rev-parse", "--short=12", "HEAD", cwd=root)
    changed = command_output("git", "status", "--porcelain", "--untracked-files=no", cwd=root)
    return f"{head}{'+' if changed else ''}" if head else "unknown"
