#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/data/tables/memory_table.hpp"

namespace clv::python {

/// (key, value, what the user wrote)
using OverrideTuple = std::tuple<std::string, std::string, std::string>;

/// The configuration of a file, or of `text` (JSON if `is_json`, or else TOML) where there is no file.
[[nodiscard]] RunConfig config_of(const std::string& file, const std::string& text, bool is_json,
                                  const std::vector<OverrideTuple>& overrides);

/// A table from anything that has __arrow_c_stream__; `name` is for messages. Throws InputError.
[[nodiscard]] std::shared_ptr<const MemoryTable> table_of(const nanobind::object& source, const std::string& name);

/// Puts tables in the place of files: customers, transactions, summary, uplift.
void hand_over(const nanobind::dict& tables, RunConfig& config);

}  // namespace clv::python
