"""The report of a run: one HTML file that needs nothing else, for reading, for printing and for the archive.

python -m clvsim.report DIR     # writes DIR/report.html
"""

import argparse
import contextlib
import json
import os
import sys
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from . import figures, key_figures, learned_tables, tables
from . import results as results_module
from .errors import Error, OutputError
from .figures.style import percent

# What stands where: title, a word to begin with, and figures (functions of clvsim.figures) and tables, in this order.
_SECTIONS = (
    (
        "value",
        "What customers are worth",
        "",
        (figures.portfolio_value, tables.portfolio_table, figures.customer_value, figures.cash_flow_fan),
    ),
    ("risk", "What is at risk", "", (figures.value_at_risk,)),
    (
        "plan",
        "Where to spend",
        "",
        (
            tables.policies_table,
            figures.plan_gain,
            figures.decisions,
            tables.actions_table,
            figures.frontier,
            figures.budget_curve,
            tables.priority_table,
        ),
    ),
    (
        "scenarios",
        "What if",
        "",
        (
            figures.scenario_tornado,
            tables.scenarios_table,
            figures.scenario_frontiers,
            tables.scenario_plans_table,
        ),
    ),
    (
        "churn",
        "Who will leave",
        "",
        (
            learned_tables.retention_table,
            learned_tables.outreach_table,
            figures.churn_calibration,
            figures.churn_gain,
            figures.churn_importance,
            learned_tables.churn_learning_table,
        ),
    ),
    (
        "spend",
        "Who will spend",
        "",
        (
            learned_tables.ranked_values_table,
            learned_tables.tiers_table,
            figures.value_predicted,
            figures.value_importance,
            learned_tables.value_learning_table,
        ),
    ),
    (
        "lifecycle",
        "Lifecycle by rules",
        "",
        (learned_tables.stages_table, learned_tables.migration_table, learned_tables.ruled_actions_table),
    ),
    (
        "segments",
        "Kinds of customers",
        "",
        (figures.segment_shares, learned_tables.segments_table, figures.value_and_risk, learned_tables.rfm_table),
    ),
    (
        "behaviour",
        "How customers behave",
        "",
        (figures.survival, figures.hazard, figures.p_alive, figures.cohort_triangle, tables.model_table),
    ),
    (
        "trust",
        "How far to trust it",
        "",
        (figures.holdout_tracking, figures.holdout_calibration, figures.holdout_bands, figures.uncertainty_sources),
    ),
    ("customers", "Customers", "", (tables.top_customers,)),
)

_REPORTS = ("report.html", "report.xlsx")

_TERMS = (
    ("Value", "Net present value of margin minus costs over the horizon, today = 0, in the currency of the input."),
    ("Future, path", "One simulated course of events for all customers; figures are taken over thousands of them."),
    ("Quantile", "5% of futures lie below the 5% quantile. It is the bad end of value."),
    ("Value at risk", "The mean minus that quantile: how far below expectation a bad future lies."),
    ("CVaR", "The mean of the worst futures: what to expect when it goes badly."),
    (
        "Standard error",
        "How far a figure may be off because the number of futures is finite. More paths make it smaller; "
        "they do not make the future more certain.",
    ),
    ("Fresh paths", "Futures that the plan was not chosen on. What it earns there is the figure to use."),
    ("Marginal return", "Profit that one more unit of budget would bring."),
)


@dataclass(frozen=True)
class _Item:
    table: object = None
    figure: object = None
    json: str = ""
    height: int = 0


@dataclass
class _Section:
    name: str
    title: str
    intro: str
    items: list = field(default_factory=list)


def write(path, out=None):
    """Writes the report of a run.

    Args:
        path: the folder of the run.
        out: the file to write; ``report.html`` in that folder if None.

    Returns:
        The path of the report. The file is there whole or not at all.

    Raises:
        InputError: no such results, or not as they were written.
        OutputError: the report cannot be written, or another one is part of the results; it is as it was.
    """
    with results_module.open(path) as results:
        page = html(results)
        out = Path(out) if out else results.folder / "report.html"
        of_the_set = out.name in results.files and out.parent.resolve() == results.folder.resolve()
    if of_the_set and out.read_text(encoding="utf-8") != page:
        raise OutputError(
            "another report is part of these results, and run.json has its hash",
            out,
            "clv report writes both anew; or name another file with --out",
        )
    if not of_the_set:
        _write_whole(out, page)
    return out


def html(results):
    """The report of results as the text of one HTML page; the same results give the same text."""
    sections = []
    for name, title, intro, parts in _SECTIONS:
        items = [item for item in (_item(part(results)) for part in parts) if item]
        if items:
            sections.append(_Section(name, title, intro, items))
    run = results.run
    page = resources.files(__package__) / "page"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False)
    template = environment.from_string((page / "report.html").read_text(encoding="utf-8"))

    def verbatim(name):
        return Markup((page / name).read_text(encoding="utf-8"))

    started = run.get("execution", {}).get("started", "")
    source = Path(run.get("input", {}).get("file") or results.folder.resolve()).name
    version = run.get("program", {}).get("version") or (
        results.data.attrs["program_version"] if results.data is not None else ""
    )
    of_values = "quality.json" in results and "gini" in results.document("quality.json")
    heading = {
        "sweep": "Scenarios",
        "optimize": "Spend plan",
        "fit": "Purchase model",
        "learn": "What customers will spend" if of_values else "Churn model",
        "segment": "Kinds of customers",
    }.get(
        run.get("command"),
        "Value, risk and plan"
        if "plan.csv" in results
        else "Lifecycle by rules"
        if "lifecycle.csv" in results and "clv.csv" not in results
        else "Value and risk",
    )
    meta = [f"input {source}" if run.get("input") else f"results {source}"]
    if results.setting("simulation.paths") and results.data is not None:
        meta += [
            f"{results.setting('simulation.paths'):,} paths",
            f"{results.setting('simulation.horizon_months')} months",
        ]
    meta += [started[:10]] if started else []
    return template.render(
        title=f"{heading} · {source}",
        heading=heading,
        meta=meta,
        version=version,
        source=source,
        css=verbatim("report.css"),
        script=verbatim("report.js"),
        plotly=Markup(get_plotlyjs()),
        summary=list(key_figures.sentences(results)),
        key_figures=key_figures.key_figures(results),
        warnings=run.get("warnings", []),
        sections=sections,
        terms=_TERMS,
        **_provenance(results),
    )


def _item(part):
    if part is None:
        return None
    if isinstance(part, tables.Table):
        return _Item(table=part)
    text = part.plotly.to_json(validate=False)  # Plotly writes < as \u003c, so that nothing in it ends the script
    return _Item(
        table=tables.table_of(part.data, f"{part.title}: the numbers"),
        figure=part,
        json=Markup(text),
        height=int(part.plotly.layout.height),
    )


def _provenance(results):
    run, attributes = results.run, {} if results.data is None else results.data.attrs
    program, execution, source = (run.get(name, {}) for name in ("program", "execution", "input"))
    facts = [
        ("Command", f"clv {run['command']}" if "command" in run else ""),
        (
            "Program",
            " ".join(
                filter(
                    None,
                    [
                        program.get("name"),
                        program.get("version") or attributes.get("program_version"),
                        f"(commit {program['commit']})" if program.get("commit") else "",
                    ],
                )
            ),
        ),
        ("Started", execution.get("started", "")),
        ("Seed", results.setting("simulation.seed", attributes.get("seed", ""))),
        ("Paths", results.setting("simulation.paths", "")),
        ("Horizon", f"{results.setting('simulation.horizon_months')} months" if run else ""),
        ("Discount rate", f"{results.setting('simulation.discount_rate'):.10g} a year" if run else ""),
        (
            "Value from beyond the survival data",
            percent(run["tail_share"]) if run.get("tail_share") and results.data is not None else "",
        ),
        ("Computed by", ", ".join(filter(None, [execution.get("backend"), execution.get("device")]))),
        ("Config hash", run.get("config_hash") or attributes.get("config_hash", "")),
        ("Input", source.get("file", "")),
        ("Input hash", source.get("hash") or attributes.get("input_hash", "")),
        (
            "Rows read",
            f"{source['rows_read']:,}, of which {source.get('rows_rejected', 0):,} rejected"
            if "rows_read" in source
            else "",
        ),
    ]
    details = []
    if run.get("config"):
        rows = list(_flat(run["config"]))
        details.append(
            tables.Table(
                "Configuration",
                [tables.Column("key", False), tables.Column("value", False)],
                [[tables.Cell(key), tables.Cell(value)] for key, value in rows],
                "clv run run.json repeats the run, to the bit.",
            )
        )
    if run.get("files"):
        frame = pd.DataFrame(
            [
                {"file": name, "bytes": entry["bytes"], "SHA-256": entry["sha256"]}
                for name, entry in sorted(run["files"].items())
                if name not in _REPORTS  # made from the others, as this page is
            ]
        )
        details.append(tables.table_of(frame, "Files of the run"))
    intro = (
        "The same input, configuration and seed give the same results, to the bit, on any machine. These say which "
        "they were."
    )
    return {
        "provenance_intro": intro,
        "facts": [(name, value) for name, value in facts if value != ""],
        "provenance_tables": details,
    }


def _flat(value, key=""):
    """A configuration as rows of key and value: actions[1].name and so on."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value, 1):
            yield from _flat(inner, f"{key}[{index}]")
    else:
        yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write_whole(path, text):
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(
            f"the report cannot be written, {error.strerror}", path, "choose another --out or its permissions"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def main(arguments=None):
    """What `python -m clvsim.report` does; returns the exit code."""
    parser = argparse.ArgumentParser(prog="clv report", description="Writes the report of a run as one HTML file.")
    parser.add_argument("folder", help="folder of a finished run")
    parser.add_argument("--out", help="file to write; report.html in that folder if absent")
    options = parser.parse_args(arguments)
    try:
        written = write(options.folder, options.out)
    except Error as error:
        print(f"clv: {error}", file=sys.stderr)
        return error.exit_code
    if options.out is None:
        print(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
