"""run.json holds what the table of files says of it, and nothing else, whatever the command."""

import json

import pytest
from program import INPUT, REPOSITORY, clv, run_record, settings, succeed

TABLE = {file["name"]: file["columns"]
         for file in json.loads((REPOSITORY / "python/clvsim/files.json").read_text())["files"]}
MEMBERS = {member["name"]: member for member in TABLE["run.json"]}
TYPES = {"text": str, "integer": int, "number": (int, float, type(None)), "boolean": bool,
         "object": (dict, type(None)), "list": (list, type(None))}


def members(value, name=""):
    """(name, value) of every member, as the table names them; of files one name for all."""
    if isinstance(value, list):
        for entry in value:
            yield from members(entry, f"{name}[]")
    if isinstance(value, dict):
        for key, part in value.items():
            inner = "files.{file}" if name == "files" else f"{name}.{key}" if name else key
            yield inner, part
            if any(other.startswith((f"{inner}.", f"{inner}[]")) for other in MEMBERS):
                yield from members(part, inner)


def complaints(record):
    """Members that the table does not have, has with another type, or promises in vain."""
    found = []
    for name, value in members(record):
        if name == "files.{file}":
            continue
        if name not in MEMBERS:
            found.append(f"{name} is not in the table")
        elif not isinstance(value, TYPES[MEMBERS[name]["type"]]):
            found.append(f"{name} is {value!r}, not of type {MEMBERS[name]['type']}")
    there = {name for name, _ in members(record)}
    return found + [f"{name} is missing" for name, member in MEMBERS.items()
                    if not member["optional"] and name not in there]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, world):
    """Runs of every command, with all that they can write."""
    folder = tmp_path_factory.mktemp("records")
    config = (world / "world.toml").read_text()
    (folder / "customers.csv").write_bytes((world / "out/customers.csv").read_bytes())
    bare = config[config.index("[simulation]"):].replace('dir = "out"', "")
    (folder / "job.toml").write_text(f'[input]\ncustomers = "customers.csv"\n{bare}')
    scenarios = '\n[[scenarios]]\nname = "bad"\nhazard_multiplier = 1.5\n'
    (folder / "sweep.toml").write_text((folder / "job.toml").read_text() + scenarios)
    retail = settings(input__transactions="shop/transactions.csv", fit__spend_model="gamma_gamma",
                      fit__model="bg_nbd", simulation__paths=32)
    succeed("generate", "--kind", "retail", "--customers", 300, "--out", "shop", cwd=folder)
    succeed("generate", "--kind", "subscription", "--customers", 20, "--out", "subscribers", cwd=folder)
    succeed("validate", "--out", "validated", *settings(input__customers="customers.csv"), cwd=folder)
    succeed("fit", "--out", "fitted", *retail, cwd=folder)
    succeed("run", "--out", "bought", *retail, *settings(simulation__attribution=True), cwd=folder)
    succeed("simulate", "job.toml", "--out", "values", cwd=folder)
    succeed("validate", "--out", "values", *settings(input__customers="customers.csv"), cwd=folder)
    (folder / "tenures.csv").write_text("customer_id,monthly_revenue,tenure_months,churned\n" + "".join(
        f"C{i},10,{1 + i % 12},{int(i % 3 == 0)}\n" for i in range(200)))
    succeed("simulate", "--out", "renewals", *settings(input__customers="tenures.csv", survival__source="sbg",
            simulation__paths=32), cwd=folder)
    succeed("sweep", "sweep.toml", "--out", "swept", cwd=folder)
    succeed("optimize", "--out", "planned", *settings(optimizer__results="values", optimizer__budget=100), cwd=folder)
    succeed("optimize", "--out", "careful", *settings(optimizer__results="values", optimizer__budget=100,
            optimizer__robustness=0.5), cwd=folder)
    succeed("optimize", "--out", "averse", *settings(optimizer__results="values", optimizer__budget=100,
            optimizer__objective="mean_cvar", optimizer__risk_weight=0.5), cwd=folder)
    succeed("optimize", "--out", "table", *settings(optimizer__uplift="values/uplift.csv", optimizer__budget=100),
            cwd=folder)
    return folder


RUNS = ["shop", "subscribers", "validated", "fitted", "bought", "values", "renewals", "swept", "planned", "careful",
        "averse", "table"]


@pytest.mark.parametrize("run", RUNS)
def test_members_are_those_of_the_table(folder, run):
    record = run_record(folder / run)
    assert complaints(record) == []
    if "validation" in record:
        assert complaints({"steps": [], "inputs": [], "files": {}, **record["validation"]}) == []


def test_a_whole_run_too(out):
    assert complaints(run_record(out)) == []


def test_every_member_of_the_table_is_written_by_some_command(folder, out):
    """None is documented that is not there."""
    seen = {name for run in [*(folder / run for run in RUNS), out] for name, _ in members(run_record(run))}
    # What only inputs in the output folder bring.
    assert set(MEMBERS) - seen == {f"inputs[].{member}" for member in ("key", "file", "sha256", "bytes", "result")}


def test_an_undocumented_member_is_told(out):
    record = run_record(out)
    assert complaints({**record, "lift": 1}) == ["lift is not in the table"]
    assert complaints({**record, "program": {**record["program"], "x": 1}}) == ["program.x is not in the table"]
    assert complaints({**record, "plan": {**record["plan"], "x": 1}}) == ["plan.x is not in the table"]
    assert complaints({**record, "config_hash": 1}) == ["config_hash is 1, not of type text"]
    del record["steps"]
    assert complaints(record) == ["steps is missing"]


def test_a_record_of_another_format_is_refused(tmp_path, folder):
    record = run_record(folder / "values")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/run.json").write_text(json.dumps({**record, "format": 2}))
    outcome = clv("report", "old", "--workbook", cwd=tmp_path)
    assert outcome.code == INPUT
    assert "unknown format" in outcome.stderr and "format 2" in outcome.stderr
