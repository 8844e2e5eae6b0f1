"""Tables, limits and actions that no plan can be made of, and what is said of them."""

import numpy as np
import pytest
from plans import write_uplift
from program import INPUT, USAGE, clv, settings, succeed, tree


HEADER = "customer_id,action,expected_profit,cost\n"

BAD_TABLES = {
    "text": (HEADER + "A,call,1,2\nB,call,lots,2\n", "line 3, column 3 (expected_profit), customer B: 'lots'", "number"),
    "NaN": (HEADER + "A,call,nan,2\n", "line 2, column 3 (expected_profit), customer A: 'nan' is not a number",
            "finite"),
    "infinite": (HEADER + "A,call,1,inf\n", "line 2, column 4 (cost), customer A: 'inf' is infinite", "finite"),
    "blank cost": (HEADER + "A,call,1,\n", "line 2, column 4 (cost), customer A: is blank", "give a number"),
    "blank id": (HEADER + ",call,1,2\n", "line 2, column 1 (customer_id)", "give the id"),
    "blank action": (HEADER + "A, ,1,2\n", "line 2, column 2 (action), customer A", "give the name"),
    "twice": (HEADER + "A,call,1,2\nB,call,1,2\nA,call,1,3\n", "line 4, column 2 (action), customer A: 'call'",
              "one row per customer and action"),
    "two segments": ("customer_id,action,expected_profit,cost,segment\nA,x,1,2,north\nA,y,1,2,south\n",
                     "line 3, column 5 (segment), customer A: 'south'", "one segment"),
    "missing further cost": ("customer_id,action,expected_profit,cost,cost_hours\nA,x,1,2,3\nA,y,1,2,\n",
                             "line 3, column 5 (cost_hours), customer A: is blank", "give a number"),
    "negative error": ("customer_id,action,expected_profit,cost,expected_profit_se\nA,x,1,2,-3\n",
                       "line 2, column 5 (expected_profit_se), customer A: '-3' is negative", "at least 0"),
    "short row": (HEADER + "A,call,1\n", "line 2: 3 fields where the header has 4", "every column a field"),
    "no column": ("customer_id,action,expected_profit\nA,call,1\n", "no column 'cost'", "takes from the budget"),
    "column twice": ("customer_id,action,expected_profit,cost,cost\nA,call,1,2,3\n", "line 1, column 5 (cost)",
                     "rename one"),
    "further cost twice": ("customer_id,action,expected_profit,cost,cost_h,cost_h\nA,call,1,2,3,4\n",
                           "line 1, column 6 (cost_h)", "rename one"),
    "open quote": (HEADER + 'A,"call,1,2\n', "line 2, column 2", "quote"),
    "empty": ("", "the file is empty", "header"),
    "header alone": (HEADER, "only a header", "give rows"),
}


@pytest.mark.parametrize(("text", "where", "remedy"), BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_faulty_tables_are_refused_with_place_and_remedy(tmp_path, earlier_results, text, where, remedy):
    (tmp_path / "u.csv").write_text(text)
    before = tree(tmp_path)
    for out in ("out", "new"):
        outcome = clv("optimize", "--out", out, *settings(optimizer__uplift="u.csv"), cwd=tmp_path)
        assert outcome.code == INPUT
        assert where in outcome.stderr
        assert remedy in outcome.stderr
        assert outcome.stdout == ""
    assert tree(tmp_path) == before


def test_every_fault_of_a_table_is_listed(tmp_path):
    rows = "".join(f"A{i},call,x,2\n" for i in range(30))
    (tmp_path / "u.csv").write_text(HEADER + rows + "B,call,1,nan\n")
    message = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path).stderr
    assert "31 fault(s) in 31 of 31 rows" in message
    assert "text_in_number: 30" in message and "not_a_number: 1" in message
    assert sum(line.startswith("  line") for line in message.splitlines()) == 20


def test_more_actions_than_fit_are_refused(tmp_path):
    (tmp_path / "u.csv").write_text(HEADER + "".join(f"A,a{i},1,2\n" for i in range(256)))
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path)
    assert (outcome.code, "more than 255 actions beside none (line 257" in outcome.stderr) == (INPUT, True)
    (tmp_path / "u.csv").write_text(HEADER + "".join(f"A,a{i},1,2\n" for i in range(255)))
    succeed("optimize", "--out", "new", *settings(optimizer__uplift="u.csv"), cwd=tmp_path)


@pytest.mark.parametrize(("text", "where"), [
    ("customer_id,action\nC0,call\n", "line 2, column 2 (action), customer C0: 'call' is no action of the data"),
    ("customer_id,action\nC0,a1\nC0,a2\n", "line 3, column 1 (customer_id), customer C0: 'C0' stands in an earlier row"),
    ("customer_id\nC0\n", "no column 'action'"),
])
def test_a_faulty_current_policy_is_refused(tmp_path, text, where):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 5)
    (tmp_path / "now.csv").write_text(text)
    outcome = clv("optimize", "--out", "new", *settings(optimizer__uplift="u.csv", optimizer__current="now.csv"),
                  cwd=tmp_path)
    assert outcome.code == INPUT
    assert where in outcome.stderr
    assert not (tmp_path / "new").exists()


BAD_CONFIGS = {
    "unknown key": ("[[optimizer.limits]]\nname = 'a'\nmaximum = 3\n", "job.toml:5:1", "unknown key optimizer.limits.maximum",
                    "the keys of [optimizer.limits] are"),
    "misspelt key": ("[[optimizer.limits]]\nname = 'a'\nsegmnt = 'x'\nmax = 1\n", "job.toml:5:1",
                     "unknown key optimizer.limits.segmnt", "did you mean optimizer.limits.segment?"),
    "two of one name": ("[[optimizer.limits]]\nname = 'a'\nmax = 1\n[[optimizer.limits]]\nname = 'a'\nmax = 2\n",
                        "job.toml:7:1", 'two limits are called "a"', "its own name"),
    "no name": ("[[optimizer.limits]]\nmax = 1\n", "job.toml:3", "a limit has no name", "give it one"),
    "name of the budget": ("[[optimizer.limits]]\nname = 'budget'\nmax = 1\n", "job.toml:4:1", "optimizer.budget",
                           "choose another name"),
    "nothing limited": ("[[optimizer.limits]]\nname = 'a'\n", "job.toml:3", "limits nothing", "give min, max or min_roi"),
    "min above max": ("[[optimizer.limits]]\nname = 'a'\nmin = 2\nmax = 1\n", "job.toml:5:1", "a min of 2 above its max",
                      "exchange"),
    "negative cap": ("[[optimizer.limits]]\nname = 'a'\nmax = -1\n", "job.toml:5:1", "has a max of -1", "at least 0"),
    "negative count": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'count'\nmax = -1\n", "job.toml:6:1",
                       "has a max of -1", "at least 0"),
    "NaN": ("[[optimizer.limits]]\nname = 'a'\nmax = nan\n", "job.toml:5:1", "optimizer.limits.max is nan",
            "finite number"),
    "text": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 'high'\n", "job.toml:5:1", "optimizer.limits.min_roi must be",
             "give a number"),
    "roi and max": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 1\nmax = 3\n", "job.toml:6:1", "has min_roi and max",
                    "two limits"),
    "roi and column": ("[[optimizer.limits]]\nname = 'a'\nmin_roi = 1\ncolumn = 'cost'\n", "job.toml:6:1",
                       "has min_roi and column", "two limits"),
    "no such column": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'cots'\nmax = 3\n", "job.toml:5:1",
                       'optimizer.limits.column is "cots"', "did you mean cost?"),
    "no list": ("[optimizer.limits]\nname = 'a'\n", "job.toml:3", "optimizer.limits must be a list of tables",
                "[[optimizer.limits]]"),
    "unknown action": ("[[optimizer.limits]]\nname = 'a'\naction = 'a9'\nmax = 3\n", "optimizer.limits, a",
                       "no action 'a9'", "a0"),
    "unknown segment": ("[[optimizer.limits]]\nname = 'a'\nsegment = 'x'\nmax = 3\n", "optimizer.limits, a",
                        "no segment 'x'", "there are none"),
    "unknown further cost": ("[[optimizer.limits]]\nname = 'a'\ncolumn = 'cost_hours'\nmax = 3\n",
                             "optimizer.limits, a", "no column 'cost_hours'", "there are cost"),
    "budget": ("budget = -1\n", "job.toml:3:1", "optimizer.budget is -1", ">= 0"),
    "budget of NaN": ("budget = nan\n", "job.toml:3:1", "optimizer.budget is nan", ">= 0"),
    "risk weight": ("risk_weight = 1.5\n", "job.toml:3:1", "optimizer.risk_weight is 1.5", "<= 1"),
    "one point": ("frontier_points = 1\n", "job.toml:3:1", "optimizer.frontier_points is 1", "from 2"),
    "objective": ("objective = 'fun'\n", "job.toml:3:1", 'optimizer.objective is "fun"', "give one of profit"),
    "paths needed": ("objective = 'mean_cvar'\n", "optimizer.objective", "needs paths", "optimizer.results"),
    "two sources": ("results = 'x'\n", "optimizer.results", "both optimizer.uplift and", "name one"),
}


@pytest.mark.parametrize(("text", "where", "message", "remedy"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_faulty_requests_are_refused_with_place_and_remedy(tmp_path, text, where, message, remedy):
    write_uplift(tmp_path / "u.csv", np.random.default_rng(1), 5)
    (tmp_path / "job.toml").write_text("[optimizer]\nuplift = 'u.csv'\n" + text)
    before = tree(tmp_path)
    outcome = clv("optimize", "job.toml", "--out", "new", cwd=tmp_path)
    assert outcome.code == USAGE, outcome.stderr
    for expected in (where, message, remedy):
        assert expected in outcome.stderr
    assert outcome.stdout == ""
    assert tree(tmp_path) == before


def test_a_run_with_wrong_limits_fails_before_it_simulates(world, tmp_path):
    outcome = clv("run", str(world / "world.toml"), "--out", "new", "--set",
                  'optimizer.limits=[{name="a", action="cal", max=1}]', cwd=tmp_path)
    assert (outcome.code, "did you mean call?" in outcome.stderr) == (USAGE, True)
    assert "simulating" not in outcome.stderr
    assert not (tmp_path / "new").exists()


BAD_ACTIONS = {
    "unknown column in a filter": ("eligible = 'age > 3'\n", 'filter "age > 3"', "no column 'age'"),
    "probability above 1": ("acceptance = 1.2\n", "job.toml:5:1", "<= 1"),
    "negative duration": ("duration_months = -3\n", "job.toml:5:1", "give an integer from 1"),
    "NaN cost": ("cost = nan\n", "job.toml:5:1", "give a finite number >= 0"),
    "negative cost": ("cost = -1\n", "job.toml:5:1", ">= 0"),
    "infinite monthly cost": ("monthly_cost = inf\n", "job.toml:5:1", ">= 0"),
    "share of revenue above 1": ("monthly_cost_share = 1.2\n", "job.toml:5:1", "<= 1"),
    "negative share of revenue": ("monthly_cost_share = -0.1\n", "job.toml:5:1", ">= 0"),
    "share of revenue that is no number": ("monthly_cost_share = nan\n", "job.toml:5:1", ">= 0 and <= 1"),
    "two of one name": ("[[actions]]\nname = 'a'\n", "job.toml:6:1", "its own name"),
}


@pytest.mark.parametrize(("text", "where", "remedy"), BAD_ACTIONS.values(), ids=BAD_ACTIONS.keys())
def test_bad_actions_are_refused(tmp_path, earlier_results, text, where, remedy):
    (tmp_path / "job.toml").write_text("[input]\ncustomers = 'good.csv'\n[[actions]]\nname = 'a'\n" + text)
    before = tree(tmp_path)
    for command in ("run", "simulate"):
        outcome = clv(command, "job.toml", "--out", "out", cwd=tmp_path)
        assert outcome.code == USAGE
        assert where in outcome.stderr
        assert remedy in outcome.stderr
    assert tree(tmp_path) == before
