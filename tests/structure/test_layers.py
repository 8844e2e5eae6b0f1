"""The ladder of docs/architecture.md, on the house as it stands; and the checker itself, on planted faults."""

import re
from pathlib import Path

import pytest
from layers import LADDER, ROOTS, includes, ladder_page, layer_of, source_files, violations

REPOSITORY = Path(__file__).resolve().parents[2]


def test_rooms_include_only_what_they_stand_on():
    assert violations(REPOSITORY) == []


def test_every_folder_is_read():
    """An empty list of files would pass every rule."""
    files = source_files(REPOSITORY)
    layers = {layer_of(path, REPOSITORY) for path in files}
    assert {"core", "random", "data", "paths", "simulation", "cpu", "cuda", "output", "pipeline", "apps"} <= layers
    for root in ROOTS:
        assert any(path.is_relative_to(REPOSITORY / root) for path in files)
    assert sum(len(includes(path)) for path in files) > len(files)


# What has one way in this house: the pattern of the others, and the file that has it.
ONE_WAY = {
    r"\.dump\(": "src/core/json_text.cpp",  # which throws for a text that is no UTF-8, unless it is told not to
    r"(?:fs|filesystem)::absolute\(": "src/core/absolute_path.cpp",  # and for a working directory that is gone
}


@pytest.mark.parametrize("pattern", ONE_WAY)
def test_there_is_one_way(pattern):
    found = [str(path.relative_to(REPOSITORY)) for path in source_files(REPOSITORY)
             if re.search(pattern, path.read_text(encoding="utf-8"))]
    assert found == [ONE_WAY[pattern]]


SOUND = {
    "include/clv/core/host_device.hpp": "#pragma once\n",
    "include/clv/core/errors.hpp": "#include <string>\n",
    "include/clv/random/philox.hpp": '#include <cstdint>\n#include "clv/core/host_device.hpp"\n',
    "include/clv/data/table.hpp": '#include "clv/core/errors.hpp"\n',
    "include/clv/paths/subscription_columns.hpp": "#include <vector>\n",
    "include/clv/paths/subscription.hpp": '#include "clv/random/philox.hpp"\n',
    "include/clv/models/fit.hpp": '#include "clv/data/table.hpp"\n',
    "include/clv/simulation/plan.hpp": '#include "clv/paths/subscription_columns.hpp"\n',
    "include/clv/output/file.hpp": '#include "clv/simulation/plan.hpp"\n',
    "include/clv/pipeline/run.hpp": '#include "clv/output/file.hpp"\n',
    "src/output/file.cpp": '#include <hdf5.h>\n#include "clv/output/file.hpp"\n#include "private.hpp"\n',
    "src/output/private.hpp": "",
    "cpu/backend.cpp": '#include "clv/simulation/plan.hpp"\n#include "block.hpp"\n',
    "cpu/block.hpp": '// #include "clv/pipeline/run.hpp"\n/*\n#include "clv/pipeline/run.hpp"\n*/\n',
    "cuda/kernel.cu": "#include <cuda_runtime.h>\n",
    "apps/clv/main.cpp": '#include "clv/pipeline/run.hpp"\n',
}

# A planted fault: the file, the line to add, and what the checker has to say.
FAULTS = {
    "higher layer": ("include/clv/core/errors.hpp", '#include "clv/data/table.hpp"', "core may not include data"),
    "higher layer, in angle brackets": ("include/clv/core/errors.hpp", "#include <clv/data/table.hpp>",
                                        "core may not include data"),
    "higher layer, spaced": ("src/output/file.cpp", '  #  include "clv/pipeline/run.hpp"',
                             "output may not include pipeline"),
    "peer": ("include/clv/models/fit.hpp", '#include "clv/simulation/plan.hpp"', "models may not include simulation"),
    "backend by the other": ("cuda/kernel.cu", '#include "../cpu/block.hpp"', "cuda may not include cpu"),
    "backend by a lower layer": ("include/clv/simulation/plan.hpp", '#include "cpu/block.hpp"',
                                 "simulation may not include cpu"),
    "private header by its bare name": ("src/output/file.cpp", '#include "main_private.hpp"',
                                        "output may not include apps"),
    "private header by a public one": ("include/clv/output/file.hpp", '#include "private.hpp"',
                                       "a public header may not include a private one"),
    "missing header": ("src/output/file.cpp", '#include "clv/output/nothing.hpp"', "does not exist"),
    "standard library on the device": ("include/clv/random/philox.hpp", "#include <vector>",
                                       "for the device may not include vector"),
    "host header on the device": ("include/clv/paths/subscription.hpp", '#include "clv/paths/subscription_columns.hpp"',
                                  "for the device may not include clv/paths/subscription_columns.hpp"),
    "borrowed header on the device": ("include/clv/random/philox.hpp", "#include <fmt/format.h>",
                                      "for the device may not include fmt/format.h"),
    "HDF5 in public": ("include/clv/output/file.hpp", "#include <hdf5.h>", "HDF5 stays out"),
    "HDF5 by part": ("include/clv/output/file.hpp", "#include <H5Dpublic.h>", "HDF5 stays out"),
    "XGBoost in public": ("include/clv/models/fit.hpp", "#include <xgboost/c_api.h>", "XGBoost stays out"),
    "XLSX in public": ("include/clv/output/file.hpp", '#include "xlsxwriter.h"', "XLSX stays out"),
    "CUDA in public": ("include/clv/core/host_device.hpp", "#include <cuda_runtime.h>", "CUDA stays out"),
    "Thrust in public": ("include/clv/simulation/plan.hpp", "#include <thrust/sort.h>", "CUDA stays out"),
    "folder that is no room": ("include/clv/helpers/helper.hpp", "", "'helpers' is no room"),
    "header outside the rooms": ("include/clv/all.hpp", "", "is no room"),
    "edge that the ladder lacks": ("include/clv/models/fit.hpp", '#include "cpu/block.hpp"',
                                   "models may not include cpu"),
    "private header of another room": ("apps/clv/main.cpp", '#include "output/private.hpp"', "is private to output"),
    "circle": ("include/clv/core/errors.hpp", '#include "clv/core/errors.hpp"', "includes itself by way of others"),
}


@pytest.fixture
def house(tmp_path):
    for name, text in {**SOUND, "apps/clv/main_private.hpp": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_checker_passes_a_sound_house(house):
    assert violations(house) == []


@pytest.mark.parametrize(("name", "line", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_checker_finds_a_planted_fault(house, name, line, message):
    file = house / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = file.read_text() if file.exists() else ""
    file.write_text(f"{text}\n{line}\n")
    found = violations(house)
    assert any(message in fault and fault.startswith(name) for fault in found), found


def test_the_ladder_has_no_circle_and_names_every_room_once():
    names = [room.name for room in LADDER]
    assert len(names) == len(set(names))
    for k, room in enumerate(LADDER):
        assert set(room.above) <= set(names[:k]), "rooms stand on those named before them"


def test_the_architecture_page_shows_the_ladder():
    assert ladder_page() in (REPOSITORY / "docs/architecture.md").read_text(), (
        "docs/architecture.md has another table of rooms than tests/structure/layers.py; it should be:\n" + ladder_page())


def test_libraries_link_by_the_ladder():
    """An edge that CMake lacks links by luck, one that the ladder lacks asks to be used."""
    text = (REPOSITORY / "src/CMakeLists.txt").read_text()
    linked = {}
    for name, rest in re.findall(r"clv_layer\((\w+)([^)]*)\)", text):
        depends = re.search(r"DEPENDS ([a-z ]+)", rest)
        linked[name] = set(depends.group(1).split()) if depends else set()
    for room in LADDER:
        if room.name in linked:
            # what is not built everywhere is linked elsewhere in the file
            assert linked[room.name] == set(room.above) - {"cuda"}, room.name
    assert {room.name for room in LADDER} - set(linked) == {"cpu", "cuda", "apps", "python"}
