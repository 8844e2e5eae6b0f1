"""What the pages of the dashboard share: text, tables, figures, and results kept in memory."""

import re
from pathlib import Path

import clvsim
import pandas as pd
import streamlit as st
from clvsim import figures, tables
from clvsim.figures.style import level_name


def words(text):
    """Text from the data as text: Markdown switched off."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!<>|$~:^=])", r"\\\1", str(text))


def note(text):
    """A line in small print, dark enough to be read."""
    st.markdown(f":small[{words(text)}]")


def metric(label, value, change=None, *, remark=False, help=None):
    """A figure in a frame; below it a change, or only a remark."""
    quiet = {"delta_color": "off", "delta_arrow": "off"} if remark else {}
    st.metric(label, value, change, help=help, border=True, height="stretch", **quiet)


def heading(text):
    st.markdown(f"## {words(text)}")


def tail(results):
    """The share of futures that CVaR is of, in words."""
    return level_name(results.setting("simulation.cvar_level", 0.05))


def stop(error):
    """A page that says what is wrong, where, and what to do."""
    st.title("These results cannot be shown")
    st.error(f"**{words(error.problem)}**\n\n{words(error.place)}\n\n{words(error.remedy)}")
    st.stop()


def changed(folder):
    """When the run was made, for what is kept in memory to be read again after another one."""
    record = Path(folder) / "run.json"
    return record.stat().st_mtime_ns if record.is_file() else 0


@st.cache_resource(show_spinner="Reading the results")
def load(folder, made):
    """The results; read again when run.json has changed."""
    del made
    return clvsim.open(folder)


@st.cache_resource(show_spinner="Preparing the plan")
def planner(folder, made):
    """What plans anew, or why it cannot."""
    results = load(folder, made)
    if "results.h5" not in results:
        return None, "The plan can be moved where its uplifts are: in the folder of the run, which has results.h5."
    try:
        return clvsim.Planner(results, quiet=True), None
    except (AttributeError, ImportError):
        return None, "This installation of clvsim has no engine, so the plan cannot be moved: pip install ."
    except clvsim.Error as error:
        return None, str(error)


@st.cache_resource(max_entries=8, show_spinner=False)
def planned(folder, made, **changes):
    """The run's plan with other settings."""
    return planner(folder, made)[0].replan(**changes)


def formats(frame):
    """Headings, and cents for amounts."""
    names = {
        "customer_id": "customer",
        "expected_lifetime_months": "months",
        "expected_profit_se": "standard error",
        **tables.value_columns(frame),
    }
    forms = {"prob_loss": "%.3f", "expected_lifetime_months": "%.1f", "added_months": "%.2f", "paths": "localized"}
    return {
        name: st.column_config.NumberColumn(
            names.get(name, name.replace("_", " ")), format=forms.get(name, "accounting")
        )
        if pd.api.types.is_float_dtype(frame[name]) or name in forms
        else names.get(name, name.replace("_", " "))
        for name in frame
    }


def grid(frame, alt, columns=None, **options):
    """A table to scroll and sort; what is missing is blank."""
    st.dataframe(
        frame,
        hide_index=True,
        placeholder="",
        column_config={**formats(frame), **(columns or {})},
        alt=alt,
        **options,
    )


def show(figure):
    """A figure with its title and caption."""
    if figure is None:
        return
    heading(figure.title)
    st.plotly_chart(figure.plotly, theme=None, config=figures.CONFIG, alt=figure.alt, key=f"chart_{figure.name}")
    st.markdown(words(figure.caption))
