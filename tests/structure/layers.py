"""Reads every #include of the house and tells which ones break its order.

A room includes itself and the rooms that its line of LADDER names or that those may include in turn. Headers that the
GPU compiles include only such headers. A private header is included by its own room alone. Public headers do not drag
borrowed file formats or CUDA into whoever includes them. No file includes itself by way of others."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Room:
    name: str
    above: tuple  # what it stands on: these rooms, and those that they stand on
    what: str
    target: str = ""


# Lowest first. docs/architecture.md shows this table, and src/CMakeLists.txt links by it.
LADDER = [
    Room("core", (), "errors, units, progress and interruption, threads, `Estimate`"),
    Room("math", ("core",), "maximisation, quadrature"),
    Room("random", ("core",), "Philox, samplers, quasi-random points, exp and log; headers for host and device"),
    Room("data", ("math", "random"), "tables, readers with every fault located, histories, filters, synthetic worlds"),
    Room("features", ("data",), "what can be said of customers at a snapshot: cadence, trends, cohorts"),
    Room("risk", ("data",), "distributions, exact order statistics, fixed-point sums, scores of forecasts"),
    Room("paths", ("features", "risk"), "the path laws, and the columns they need; for host and device"),
    Room("models", ("paths",), "survival, renewal, purchase and spend models: data in, fit out. Never simulates"),
    Room("simulation", ("paths",), "plans, the `Backend` interface, results, closed forms"),
    Room("cpu", ("simulation",), "path laws on threads and vectors"),
    Room("cuda", ("simulation",), "path laws on GPUs"),
    Room("decisions", ("models", "simulation"), "uplift table, solver, tail, certificate, reasons"),
    Room("learning", ("models",), "from attributes and outcomes to churn, hazards, values and segments, with their spread"),
    Room("monitoring", ("models", "simulation"), "forecasts beside what came; drift between two samples, backtests of bands"),
    Room("config", ("decisions", "monitoring", "learning"), "every key in one table; text in, settings structs out"),
    Room("population", ("simulation", "learning"), "customers of any kind, ready to simulate"),
    Room("planning", ("population", "decisions"), "plans, fresh paths, frontier, scenarios and sweeps"),
    Room("output", ("planning", "monitoring", "config"), "tables, results.h5, workbook, documents; sets that appear whole"),
    Room("terminal", ("output",), "tables, prose and progress for people"),
    Room("steps", ("terminal", "cpu"), "what commands are made of: customers read, fitted and learned from; files of each"),
    Room("pipeline", ("config", "steps", "cuda"), "commands, their ledger of steps, the list of backends"),
    Room("apps", ("pipeline",), "the command line: one file per subcommand, no logic", "`clv`"),
    Room("python", ("pipeline",), "the commands and plans for the Python package; tables of Arrow", "`clvsim._native`"),
]
ROOMS = {room.name: room for room in LADDER}


def may_include(room):
    """Every room below."""
    found = set()
    for name in ROOMS[room].above:
        found |= {name} | may_include(name)
    return found


def ladder_page():
    """The table of docs/architecture.md."""
    rows = ["| room | library | what is in it | stands on |", "| --- | --- | --- | --- |"]
    for room in LADDER:
        target = room.target or f"`clv_{room.name}`"
        rows.append(f"| {room.name} | {target} | {room.what} | {', '.join(room.above)} |")
    return "\n".join(rows) + "\n"


ROOTS = ["include/clv", "src", "cpu", "cuda", "apps", "python/bindings"]
SUFFIXES = {".hpp", ".h", ".cpp", ".inc", ".cuh", ".cu"}

# Compiled for host and device. core/units.hpp is constants and plain types.
DEVICE_HEADERS = ["include/clv/core/host_device.hpp", "include/clv/core/units.hpp", "include/clv/paths/certain_churn.hpp",
                  "include/clv/random/*.hpp", "include/clv/paths/subscription.hpp",
                  "include/clv/paths/subscription_lifetime.hpp", "include/clv/paths/subscription_path.hpp",
                  "include/clv/paths/subscription_revenue.hpp",
                  "include/clv/paths/action_law.hpp", "include/clv/paths/path_tables.hpp", "include/clv/paths/retail.hpp",
                  "include/clv/paths/retail_path.hpp", "include/clv/risk/profit_prior.hpp", "include/clv/risk/unit_sums.hpp",
                  "cuda/batch.hpp", "cuda/block_run.hpp", "cuda/block_memory.hpp", "cuda/block_selection.hpp",
                  "cuda/customer_block.hpp", "cuda/lane_team.hpp", "cuda/order_key.hpp", "cuda/path_sink.hpp",
                  "cuda/retail_block.hpp", "cuda/subscription_block.hpp"]
DEVICE_STANDARD_HEADERS = {"array", "bit", "cmath", "concepts", "cstddef", "cstdint", "limits", "type_traits",
                           "utility"}

# Out of include/clv: a name, and what an include of it looks like.
BORROWED = {
    "HDF5": r"hdf5|H5\w*\.h",
    "XGBoost": r"xgboost|dmlc",
    "XLSX": r"xlsxwriter",
    "CUDA": r"cuda|curand|thrust/|cub/|nv/|device_launch|vector_types\.h",
}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Include:
    line: int
    name: str
    quoted: bool


def source_files(root):
    """Our C++ and CUDA files below the layers' folders."""
    return sorted(path for folder in ROOTS for path in (root / folder).rglob("*") if path.suffix in SUFFIXES)


def includes(path):
    text = _COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), path.read_text(encoding="utf-8"))
    found = []
    for match in _INCLUDE.finditer(text):
        quoted, angled = match.groups()
        found.append(Include(text.count("\n", 0, match.start()) + 1, quoted or angled, quoted is not None))
    return found


def layer_of(path, root):
    """The layer that a file of ours belongs to."""
    parts = path.relative_to(root).parts
    if parts[0] == "include":
        return parts[2] if len(parts) > 3 else "include/clv itself"
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else "src itself"
    return parts[0]


def resolve(include, path, root, files):
    """The files of ours that an include can mean; none for what is borrowed or generated."""
    if include.name.startswith("clv/"):
        return [root / "include" / include.name]
    if not include.quoted:
        return []
    beside = (path.parent / include.name).resolve()
    if beside in files:
        return [beside]
    # Found through some include path: whatever ends like this.
    ending = "/" + include.name.lstrip("./")
    return [file for file in files if f"/{file.relative_to(root).as_posix()}".endswith(ending)]


def violations(root):
    """One line per broken rule: file:line and what is wrong."""
    root = Path(root).resolve()
    files = source_files(root)
    known = set(files)
    edges = {}
    device_headers = {path for pattern in DEVICE_HEADERS for path in root.glob(pattern)}
    found = []
    for path in files:
        layer = layer_of(path, root)
        public = path.is_relative_to(root / "include")
        if layer not in ROOMS:
            found.append(f"{path.relative_to(root)}: '{layer}' is no room of LADDER")
            continue
        below = may_include(layer)
        for include in includes(path):
            where = f"{path.relative_to(root)}:{include.line}"
            targets = resolve(include, path, root, known)
            for target in targets:
                target_layer = layer_of(target, root)
                if target not in known:
                    found.append(f"{where}: {include.name} does not exist")
                elif target_layer != layer and target_layer not in below:
                    found.append(f"{where}: {layer} may not include {target_layer} ({include.name})")
                elif target_layer != layer and not target.is_relative_to(root / "include"):
                    found.append(f"{where}: {include.name} is private to {target_layer}")
                else:
                    edges.setdefault(path, set()).add(target)
                if public and not target.is_relative_to(root / "include"):
                    found.append(f"{where}: a public header may not include a private one ({include.name})")
            if path in device_headers:
                ours = targets and all(target in device_headers for target in targets)
                if not ours and not (not include.quoted and include.name in DEVICE_STANDARD_HEADERS):
                    found.append(f"{where}: a header for the device may not include {include.name}")
            if public:
                found += [f"{where}: {package} stays out of include/clv ({include.name})"
                          for package, pattern in BORROWED.items() if not targets and re.match(pattern, include.name)]
    return found + circles(edges, root)


def circles(edges, root):
    """One line per file that includes itself by way of others."""
    found = []
    for start in sorted(edges):
        seen, ahead = set(), list(edges[start])
        while ahead:
            file = ahead.pop()
            if file == start:
                found.append(f"{start.relative_to(root)}: includes itself by way of others")
                break
            if file not in seen:
                seen.add(file)
                ahead += edges.get(file, ())
    return found
