"""Times one form of one peer in a process of its own.

    run_peer.py MODULE DEVICE                         the names of its forms as JSON
    run_peer.py MODULE DEVICE FORM WORK REPEATS OUT   its seconds and figures, in the JSON file OUT

Exit code 3: the peer cannot run here, and the reason is the last line of standard output."""

import importlib
import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np
from common import work_from

NOT_HERE = 3
WARM_UP_SEED = 1_000


def load(name):
    """The module, after a look at what it needs: a missing package is no error."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    required = next(line for line in source.splitlines() if line.startswith("requires = "))
    missing = [package for package in json.loads(required.removeprefix("requires = "))
               if importlib.util.find_spec(package) is None]
    if missing:
        print("not installed: " + ", ".join(missing))
        sys.exit(NOT_HERE)
    return importlib.import_module(name)


def versions(module):
    return {name: getattr(sys.modules.get(name), "__version__", "") for name in module.requires}


def listed(figures):
    return {name: np.asarray(value, dtype=np.float64).tolist() for name, value in figures.items()}


def main():
    name, device, *rest = sys.argv[1:]
    module = load(name)
    reason = module.unavailable(device) if hasattr(module, "unavailable") else None
    if reason:
        print(reason)
        sys.exit(NOT_HERE)
    forms = module.forms_for(device) if hasattr(module, "forms_for") else module.forms
    if not rest:
        print(json.dumps(list(forms)))
        return
    form, work_file, repeats, out = rest
    work = work_from(json.loads(Path(work_file).read_text(encoding="utf-8")), device, work_file)
    run = forms[form](work)
    run(WARM_UP_SEED)
    seconds = []
    for repeat in range(int(repeats)):
        start = time.perf_counter()
        figures = run(WARM_UP_SEED + 1 + repeat)
        seconds.append(time.perf_counter() - start)
    report = {"seconds": getattr(run, "device_seconds", None) or seconds, "figures": listed(figures),
              "paths": work.paths, "versions": versions(module)}
    Path(out).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()
