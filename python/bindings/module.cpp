// clvsim._native: the engine as the package's Python files call it. What users see is python/clvsim/engine.py.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/decisions/table/read_uplift_table.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "config.hpp"
#include "errors.hpp"
#include "job.hpp"
#include "planner.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace clv::python {
namespace {

using Command = int (*)(const RunConfig&, Terminal&);

struct NamedCommand {
    std::string_view name;
    Command run;
};

constexpr std::array<NamedCommand, 10> named_commands{{{"generate", commands::generate},
                                                       {"validate", commands::validate},
                                                       {"fit", commands::fit},
                                                       {"learn", commands::learn},
                                                       {"segment", commands::segment},
                                                       {"simulate", commands::simulate},
                                                       {"sweep", commands::sweep},
                                                       {"optimize", commands::optimize},
                                                       {"run", commands::run},
                                                       {"doctor", commands::doctor}}};

/// Runs a command: its exit code, what the command line would print, and the output folder.
std::tuple<int, std::string, std::string> command(const std::string& name, const std::string& file,
                                                  const std::string& text, bool is_json,
                                                  const std::vector<OverrideTuple>& overrides, const nb::dict& tables,
                                                  bool json, const std::string& default_folder,
                                                  const nb::object& listener) {
    const auto* found = std::ranges::find(named_commands, name, &NamedCommand::name);
    if (found == named_commands.end()) {
        throw Error(ExitCode::internal, "no command " + name);
    }
    RunConfig config = config_of(file, text, is_json, overrides);
    hand_over(tables, config);
    if (config.output.dir.empty()) {
        config.output.dir = default_folder;
    }
    const auto run = [&](Terminal& terminal) { return commands::carry_out(found->run, config, terminal); };
    JobOutcome outcome = run_job(run, json, listener);
    return {outcome.exit_code, std::move(outcome.text), config.output.dir};
}

/// What `work` returns, as a job.
template <class Work>
auto in_a_job(const Work& work, const nb::object& listener) {
    std::invoke_result_t<Work, Terminal&> result;
    const auto job = [&](Terminal& terminal) {
        result = work(terminal);
        return 0;
    };
    static_cast<void>(run_job(job, false, listener));
    return result;
}

std::unique_ptr<Planner> planner_of_results(const std::string& path, const nb::object& listener) {
    const auto read = [&](Terminal&) {
        std::filesystem::path file = path;
        if (std::filesystem::is_directory(file)) {
            static_cast<void>(verify_output_set(file));
            file /= "results.h5";
        }
        const Hdf5File results = open_published_results_h5(file);
        return std::make_unique<Planner>(read_planned_uplift(results, read_cvar_level(results)));
    };
    return in_a_job(read, listener);
}

std::unique_ptr<Planner> planner_of_table(const nb::object& source, const nb::dict& columns, bool require_choice,
                                          std::optional<double> cvar_level, const nb::object& listener) {
    MemoryTables tables;
    std::string name;
    if (nb::isinstance<nb::str>(source)) {
        name = nb::cast<std::string>(source);
    } else {
        name = std::string(in_memory) + "uplift";
        tables[name] = table_of(source, "uplift");
    }
    std::map<std::string, std::string> mapped;
    for (const auto& [ours, theirs] : columns) {
        mapped[nb::cast<std::string>(ours)] = nb::cast<std::string>(theirs);
    }
    const auto read = [&](Terminal& terminal) {
        CsvReader reader = open_csv(name, tables);
        return std::make_unique<Planner>(read_uplift_table(reader, mapped, require_choice, cvar_level, terminal));
    };
    return in_a_job(read, listener);
}

template <class T>
using Vector = nb::ndarray<nb::numpy, const T, nb::ndim<1>>;
using Matrix = nb::ndarray<nb::numpy, const double, nb::ndim<2>>;

/// A view of memory that `owner` keeps.
template <class T>
Vector<T> view(const std::vector<T>& values, const nb::object& owner) {
    return Vector<T>(values.data(), {values.size()}, owner);
}

Matrix matrix(const std::vector<double>& values, std::size_t rows, const nb::object& owner) {
    const std::size_t columns = rows == 0 || values.empty() ? 0 : values.size() / rows;
    return Matrix(values.data(), {values.empty() ? 0 : rows, columns}, owner);
}

nb::list ids_of(const UpliftTable& table) {
    nb::list ids;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::string_view id = table.customer_id[i];
        ids.append(nb::str(id.data(), id.size()));
    }
    return ids;
}

nb::list limits_of(const ActionPlan& plan) {
    nb::list limits;
    for (const LimitUse& limit : plan.limits) {
        nb::dict entry;
        entry["name"] = limit.name;
        entry["used"] = limit.used;
        entry["min"] = limit.min;
        entry["max"] = limit.max;
        entry["multiplier"] = limit.multiplier;
        limits.append(entry);
    }
    return limits;
}

void bind_plan(nb::module_& m) {
    nb::class_<Plan>(m, "Plan",
                     "The action of every customer. Arrays are [customer], in the order of the table, and read only; "
                     "they are the engine's own memory, not copies.")
        .def_prop_ro(
            "action",
            [](nb::handle_t<Plan> self) { return view(nb::cast<Plan&>(self).plan().action, nb::borrow(self)); },
            "uint8 [customer]: index into `actions`; 0 is none.")
        .def_prop_ro(
            "cost", [](nb::handle_t<Plan> self) { return view(nb::cast<Plan&>(self).costs(), nb::borrow(self)); },
            "float64 [customer], currency: what the customer's action takes from the budget.")
        .def_prop_ro(
            "expected_profit",
            [](nb::handle_t<Plan> self) { return view(nb::cast<Plan&>(self).expected_profits(), nb::borrow(self)); },
            "float64 [customer], currency: against doing nothing, net of every cost.")
        .def_prop_ro(
            "expected_profit_se",
            [](nb::handle_t<Plan> self) {
                return view(nb::cast<Plan&>(self).expected_profit_errors(), nb::borrow(self));
            },
            "float64 [customer], currency: its standard error; empty where it is not known.")
        .def_prop_ro(
            "added_months",
            [](nb::handle_t<Plan> self) { return view(nb::cast<Plan&>(self).added_months(), nb::borrow(self)); },
            "float64 [customer]: paid months that the action is expected to add; empty where it is not known.")
        .def_prop_ro(
            "total_added_months", [](Plan& self) { return self.total_added_months(); },
            "Of all customers together; None where it is not known.")
        .def_prop_ro(
            "actions", [](const Plan& self) { return self.table().actions; }, "Names; the first is none.")
        .def_prop_ro(
            "customer_id", [](const Plan& self) { return ids_of(self.table()); },
            "Texts [customer]; made anew at every call.")
        .def_prop_ro(
            "is_optimal", [](const Plan& self) { return self.plan().status == PlanStatus::optimal; },
            "Whether no plan within the limits earns more; or else `relative_gap` says how much more it might be.")
        .def_prop_ro(
            "budget", [](const Plan& self) { return self.plan().budget; }, "Currency; None: no cap.")
        .def_prop_ro(
            "invested", [](const Plan& self) { return self.plan().invested; }, "Customers with an action.")
        .def_prop_ro(
            "total_cost", [](const Plan& self) { return self.plan().cost; }, "Currency; at most the budget.")
        .def_prop_ro(
            "total_expected_profit", [](const Plan& self) { return self.plan().expected_profit; }, "Currency.")
        .def_prop_ro(
            "total_added_cvar", [](const Plan& self) { return self.added_cvar(); },
            "Currency: what the plan adds to the CVaR of each customer's own value, added up; None: unknown.")
        .def_prop_ro(
            "objective", [](const Plan& self) { return self.plan().objective; },
            "Currency: what was maximised, expected profit unless the settings say otherwise.")
        .def_prop_ro(
            "objective_terms", [](const Plan& self) { return self.table().objective_terms; },
            "What the objective has beside expected profit, in words.")
        .def_prop_ro(
            "upper_bound", [](const Plan& self) { return self.plan().upper_bound; },
            "Currency: no plan within the limits has a higher objective.")
        .def_prop_ro(
            "relative_gap", [](const Plan& self) { return self.plan().relative_gap; },
            "(upper bound - objective) / |upper bound|.")
        .def_prop_ro(
            "marginal_return", [](const Plan& self) { return self.plan().multiplier(); },
            "What one more unit of budget would earn; 0 where the budget does not bind.")
        .def_prop_ro(
            "limits", [](const Plan& self) { return limits_of(self.plan()); },
            "One dict per limit: name, used, min, max, multiplier.")
        .def(
            "reasons",
            [](Plan& self, std::size_t first, std::size_t last) {
                last = std::min(last, self.table().size());
                return self.reasons(std::min(first, last), last);
            },
            "first"_a = 0, "last"_a = static_cast<std::size_t>(-1),
            "Why the plan does what it does with customers first to last - 1, one line each.");
}

void bind_planner(nb::module_& m) {
    nb::class_<Planner>(m, "Planner", "Plans for one table of uplifts, as often as wanted.")
        .def_static("of_results", planner_of_results, "path"_a, "listener"_a.none() = nb::none())
        .def_static("of_table", planner_of_table, "source"_a, "columns"_a, "require_choice"_a,
                    "cvar_level"_a.none() = nb::none(), "listener"_a.none() = nb::none())
        .def(
            "plan",
            [](const Planner& self, const std::string& settings) {
                const OptimizerSettings optimizer = config_of("", settings, true, {}).optimizer;
                return in_a_job([&](Terminal& terminal) { return self.plan(optimizer, terminal); }, nb::none());
            },
            "settings"_a, "`settings`: the configuration as JSON, of which section optimizer counts.")
        .def(
            "frontier",
            [](const Planner& self, std::size_t points) {
                const Frontier frontier = in_a_job([&](Terminal&) { return self.frontier(points); }, nb::none());
                std::vector<std::tuple<double, double, double>> rows;
                for (const FrontierPoint& point : frontier.points) {
                    rows.emplace_back(point.budget, point.profit, point.marginal_roi);
                }
                return rows;
            },
            "points"_a, "(budget, profit, marginal return) of plans, each the best for what it spends.")
        .def("__len__", [](const Planner& self) { return self.table().size(); })
        .def_prop_ro(
            "actions", [](const Planner& self) { return self.table().actions; }, "Names; the first is none.")
        .def_prop_ro(
            "segments", [](const Planner& self) { return self.table().segments; }, "Names; may be empty.")
        .def_prop_ro(
            "customer_id", [](const Planner& self) { return ids_of(self.table()); },
            "Texts [customer]; made anew at every call.")
        .def_prop_ro(
            "segment",
            [](nb::handle_t<Planner> self) { return view(nb::cast<Planner&>(self).table().segment, nb::borrow(self)); },
            "uint32 [customer]: index into `segments`; empty if there are none.")
        .def_prop_ro(
            "expected_profit",
            [](nb::handle_t<Planner> self) {
                return matrix(nb::cast<Planner&>(self).table().expected_profit,
                              nb::cast<Planner&>(self).table().actions.size(), nb::borrow(self));
            },
            "float64 [action, customer], currency, against doing nothing, net of every cost; NaN: not open. A view.")
        .def_prop_ro(
            "cost",
            [](nb::handle_t<Planner> self) {
                return matrix(nb::cast<Planner&>(self).table().cost, nb::cast<Planner&>(self).table().actions.size(),
                              nb::borrow(self));
            },
            "float64 [action, customer], currency: what the action takes from the budget. A view.")
        .def_prop_ro(
            "expected_profit_se",
            [](nb::handle_t<Planner> self) {
                return matrix(nb::cast<Planner&>(self).table().expected_profit_se,
                              nb::cast<Planner&>(self).table().actions.size(), nb::borrow(self));
            },
            "float64 [action, customer], currency; empty where it is not known. A view.")
        .def_prop_ro(
            "added_months",
            [](nb::handle_t<Planner> self) {
                return matrix(nb::cast<Planner&>(self).table().added_months,
                              nb::cast<Planner&>(self).table().actions.size(), nb::borrow(self));
            },
            "float64 [action, customer], paid months against doing nothing; empty where they are not known. A view.")
        .def_prop_ro(
            "lifetime_months",
            [](nb::handle_t<Planner> self) {
                return view(nb::cast<Planner&>(self).table().lifetime_months, nb::borrow(self));
            },
            "float64 [customer]: paid months to be expected without any action; empty where they are not known. A "
            "view.");
}

}  // namespace
}  // namespace clv::python

NB_MODULE(_native, m) {
    using namespace clv::python;
    m.doc() = "The engine of clvsim. Use the functions of clvsim, which call these.";
    translate_errors();
    m.attr("__version__") = clv::program_version();
    m.def("command", command, "name"_a, "file"_a, "text"_a, "is_json"_a, "overrides"_a, "tables"_a, "json"_a,
          "default_folder"_a, "listener"_a.none(),
          "Runs a command: its exit code, what the command line would print, and the output folder.");
    bind_plan(m);
    bind_planner(m);
}
