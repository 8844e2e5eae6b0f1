"""Tables of a measurement, aligned for a terminal or as Markdown for docs/performance.md."""

NONE = "-"


def number(value, form):
    return NONE if value is None else format(value, form)


def rate(value):
    """Path-months a second, in millions."""
    return NONE if value is None else f"{value / 1e6:,.0f}"


def row_of(entry, engine_s, limit):
    """Cells of a peer or of the engine; a peer without a time has the reason in the last one."""
    if entry["status"] in ("not available", "failed"):
        return [entry["name"], NONE, NONE, NONE, NONE, entry["reason"]]
    z = entry.get("agreement")
    verdict = NONE if z is None else f"max |z| {z['max_z']:.1f} of {z['bound']:.1f}"
    if entry["status"] == "disagrees":
        return [entry["name"], NONE, NONE, NONE, NONE, f"DISAGREES: {verdict}, {z['worst']}"]
    share = entry["path_months_per_second"] / limit if limit else None
    return [entry["name"], number(entry["best_s"], ".4f"), rate(entry["path_months_per_second"]),
            number(share, ".3f"), number(entry["best_s"] / engine_s, ".1f"), verdict]


def limit_of(machine, case):
    """Path-months a second that the machine could do; on a GPU an action has slots of its own."""
    if not machine or not machine.get("limit"):
        return None
    slots = machine["slots"]
    return machine["limit"] * slots / (slots + machine.get("slots_per_action", 0.0) * case["work"]["actions"])


HEADERS = ["", "seconds", "million path-months/s", "of limit", "engine's factor", "agreement"]


def case_table(case, limit):
    rows = [row_of(entry, case["engine"]["best_s"], limit) for entry in [case["engine"], *case["peers"]]]
    return HEADERS, rows


def aligned(headers, rows):
    widths = [max(len(row[i]) for row in [headers, *rows]) for i in range(len(headers))]
    last = len(headers) - 1

    def line(row):
        cells = [cell.ljust(width) if i in (0, last) else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in [headers, *rows])


def markdown(headers, rows):
    def line(row):
        return "| " + " | ".join(row) + " |"

    return "\n".join([line(headers), line(["---"] * len(headers)), *map(line, rows)])


def case_title(case):
    work = case["work"]
    figures = "all figures" if work["figures"] == "all" else "mean and sd"
    actions = {0: "no action", 1: "one action"}.get(work["actions"], f"{work['actions']} actions")
    churn = f"{100 * work['churn']:.0f}% churn a month" if work["churn"] else "no churn"
    return (f"{case['name']}: {actions}, {churn}, {figures} ({work['customers']:,} customers x {work['paths']:,} paths "
            f"x {work['months']} months, digest {case['digest']})")


def limit_lines(limit):
    if not limit or not limit.get("limit"):
        return [f"limit: not measured ({(limit or {}).get('reason', 'no program')})"]
    rates = ", ".join(f"{name} {value / 1e9:.2f}" for name, value in limit["instructions_per_second"].items())
    return [f"limit: {limit['limit'] / 1e6:,.0f} million path-months/s on {limit['instruction_set']}: "
            f"{limit['lanes']} lanes, {limit['slots']} slots a path-month",
            f"  billion instructions/s: {rates}; clock {limit['clock_hz'] / 1e9:.2f} GHz"]


def render(results, table):
    """The whole measurement as text; `table` is aligned or markdown."""
    hardware = results["hardware"]
    blocks = [[f"commit {results['commit']}, {results['time']}",
               ", ".join([hardware["processor"], f"{hardware['cores']} cores", *hardware["gpus"]])],
              limit_lines(results["limit"])]
    for case in results["cases"]:
        blocks.append([case_title(case), "", table(*case_table(case, limit_of(results["limit"], case)))])
    ratios = [f"{name}: {value:.2f}" for name, value in results["ratios"].items()]
    if ratios:
        blocks.append(ratios)
    if results["parts"] is None:
        blocks.append(["parts: not measured, Google Benchmark is not installed"])
    elif results["parts"]:
        rows = [[part["name"], f"{part['time']:.4g} {part['unit']}",
                 f"{part['items_per_second'] / 1e6:,.1f}" if part["items_per_second"] else NONE]
                for part in results["parts"]]
        blocks.append(["parts, one core", "", table(["", "time", "million items/s"], rows)])
    if results["equal_error"]:
        equal = results["equal_error"]
        rows = [[f"{each['paths']:,}", each["sampler"], each["figure"], f"{each['ns_per_path']:.1f}",
                 f"{each['variance_ratio']:.1f}", *(f"{ratio:.1f}" for ratio in each["time_ratio_quartiles"]),
                 f"{each['reported_variance_over_seen']:.2f}"] for each in equal["rows"]]
        blocks.append([f"time to equal standard error, philox / sampler, over {equal['customers']} customers of the "
                       f"quickstart world ({equal['seeds']} seeds)", "",
                       table(["paths", "sampler", "figure", "ns a path", "variances", "times: 1st quartile", "median",
                              "3rd quartile", "variance reported / seen"], rows)])
    if results["normals"]:
        normals = results["normals"]
        rows = [[each["name"], f"{each['value']:.6g}", f"{each['expected']:.6g}", f"{each['z']:.2f}"]
                for each in normals["figures"]]
        verdict = "all within 4 standard errors" if normals["passed"] else "OUT OF BOUNDS"
        blocks.append([f"normals, {normals['draws']:.0e} draws: {verdict}", "",
                       table(["", "drawn", "expected", "z"], rows)])
    if results["polynomials"]:
        polynomials = results["polynomials"]
        rows = [[each["name"], each["measure"], f"{each['worst']:.5g}", f"{each['bound']:.5g}"]
                for each in polynomials["figures"]]
        verdict = "all within their bounds" if polynomials["passed"] else "OUT OF BOUNDS"
        blocks.append([f"polynomials, every argument: {verdict}", "",
                       table(["", "error", "largest", "bound"], rows)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
