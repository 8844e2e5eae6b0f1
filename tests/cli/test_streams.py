"""Data on stdout, messages and progress on stderr; nothing that only a terminal understands off a terminal."""

import json
import os
import pty
import subprocess

import pytest
from program import PROGRAM, clv, environment, result_bytes, settings, succeed

COMMAND = ["run", "world.toml", "--out"]


@pytest.fixture
def folder(tmp_path, world):
    (tmp_path / "world.toml").write_bytes((world / "world.toml").read_bytes())
    return tmp_path


def test_tables_on_stdout_messages_on_stderr(folder):
    outcome = succeed(*COMMAND, "out", cwd=folder)
    for text in ("segment", "portfolio", "chosen", "Spend plan"):
        assert text in outcome.stdout
    assert "simulating 300 customers" in outcome.stderr
    assert "wrote " in outcome.stderr
    assert "wrote " not in outcome.stdout
    assert "simulating" not in outcome.stdout


def test_json_on_stdout(folder):
    outcome = succeed(*COMMAND, "out", "--json", cwd=folder)
    summary = json.loads(outcome.stdout)
    assert summary["customers"] == 300
    assert summary["portfolio"][0]["segment"] == "portfolio"
    assert summary["portfolio"][0]["clv_mean"] > 0
    assert summary["plan"]["cost"] <= 400.0


def test_quiet_leaves_only_data_and_errors(folder):
    outcome = succeed(*COMMAND, "out", "--quiet", cwd=folder)
    assert outcome.stderr == ""
    assert "portfolio" in outcome.stdout
    failed = clv(*COMMAND, "out", "--quiet", *settings(simulation__paths=0), cwd=folder)
    assert failed.code == 2
    assert failed.stderr.startswith("clv: ")


def test_piped_progress_is_plain_lines(folder):
    """Long enough for progress to be told."""
    outcome = succeed(*COMMAND, "out", "--threads", 1,
                      *settings(generate__customers=3000, simulation__paths=8000), cwd=folder)
    assert "% of" in outcome.stderr or "%," in outcome.stderr
    assert "a second" in outcome.stderr
    assert " left" in outcome.stderr
    for stream in (outcome.stdout, outcome.stderr):
        assert "\r" not in stream
        assert "\x1b" not in stream


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["tables", "json"])
def test_reader_that_goes_away_is_no_error(folder, world, more):
    """As in `clv run .. | head -1`, with nobody left to read from the start."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run([str(PROGRAM), *COMMAND, "out", *more], cwd=folder, env=environment(), stdout=closed,
                              stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert b"clv: " not in done.stderr
    assert result_bytes(folder / "out") == result_bytes(world / "out")


def on_a_terminal(folder, env):
    """Both streams of a run whose terminal is real."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execve(PROGRAM, [str(PROGRAM), *COMMAND, "out", "--set", "generate.customers=2000", "--set",
                            "simulation.paths=1500"], environment({"TERM": "xterm", **env}))
    seen = b""
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:  # Linux: the other side is closed
            break
        if not block:
            break
        seen += block
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, seen
    return seen.decode().replace("\r\n", "\n")


def test_terminal_has_one_moving_line_and_colour(folder):
    seen = on_a_terminal(folder, {})
    assert "\r" in seen
    assert "\x1b[1m" in seen


def test_no_color_is_honoured(folder):
    seen = on_a_terminal(folder, {"NO_COLOR": "1"})
    assert "\x1b[1m" not in seen
    assert "\x1b[3" not in seen


def test_dumb_terminal_gets_plain_text(folder):
    seen = on_a_terminal(folder, {"TERM": "dumb"})
    assert "\r" not in seen
    assert "\x1b" not in seen


def test_help_and_version(tmp_path):
    assert succeed("--version", cwd=tmp_path).stdout.startswith("clv ")
    overview = succeed("--help", cwd=tmp_path).stdout
    for command in ("generate", "validate", "simulate", "run", "doctor"):
        assert command in overview
        usage = succeed(command, "--help", cwd=tmp_path)
        for flag in ("--config", "--set", "--out", "--seed", "--threads", "--backend", "--json", "--quiet"):
            assert flag in usage.stdout
        assert usage.stderr == ""


def test_doctor_tells_what_is_there(tmp_path):
    told = json.loads(succeed("doctor", "--json", cwd=tmp_path).stdout)
    assert [backend["name"] for backend in told["backends"]] == ["cuda", "cpu"]
    assert told["backends"][1]["available"]
    assert "cpu" in succeed("doctor", cwd=tmp_path).stdout
