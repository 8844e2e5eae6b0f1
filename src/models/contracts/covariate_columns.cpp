#include "covariate_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/fault.hpp"

namespace clv {
namespace {

constexpr std::size_t most_levels = 64;
constexpr std::size_t names_shown = 40;

[[noreturn]] void refuse_unknown(const std::string& name, const std::vector<NamedColumn>& columns) {
    std::vector<std::string> names;
    for (const NamedColumn& column : columns) {
        names.push_back(column.name);
    }
    const auto nearest = nearest_name(name, names);
    names.resize(std::min(names.size(), names_shown));
    throw InputError(fmt::format("no column '{}' of customers (covariates){}: the columns are {}{}", shortened(name),
                                 nearest ? fmt::format(", did you mean '{}'?", shortened(*nearest)) : "",
                                 fmt::join(names, ", "), columns.size() > names_shown ? ", .." : ""));
}

[[noreturn]] void refuse_blank(const std::string& name, const std::string& where) {
    throw InputError(
        fmt::format("covariate {} is blank ({}): fill it in for everybody, or fit without it", name, where));
}

}  // namespace

std::vector<std::string> effect_names(const std::vector<ContractColumn>& columns) {
    std::vector<std::string> names;
    for (const ContractColumn& column : columns) {
        if (column.levels.empty()) {
            names.push_back(column.name);
        }
        for (std::size_t level = 1; level < column.levels.size(); ++level) {
            names.push_back(fmt::format("{}={}", column.name, column.levels[level]));
        }
    }
    return names;
}

CovariateColumns covariate_columns(const CustomerTable& customers, const std::vector<std::string>& names) {
    const std::vector<NamedColumn> all = named_columns(customers);
    CovariateColumns found{
        {}, [&customers](std::size_t row) { return fmt::format("customer {}", customers.customer_id[row]); }};
    for (const std::string& name : names) {
        const NamedColumn* column = find_column(all, customers, name);
        if (column == nullptr) {
            refuse_unknown(name, all);
        }
        if (column->column == &customers.tenure_months) {
            throw InputError(fmt::format(
                "{} is no covariate of renewals: it moves with time, and is what is to be explained; leave it out of "
                "fit.covariates",
                name));
        }
        found.columns.push_back(*column);
    }
    return found;
}

std::vector<ContractColumn> describe_columns(const CovariateColumns& of, const std::vector<std::string>& names,
                                             const std::vector<double>& weight) {
    std::vector<ContractColumn> described;
    for (std::size_t j = 0; j < names.size(); ++j) {
        const NamedColumn& column = of.columns[j];
        ContractColumn own{names[j]};
        std::map<std::string, double> levels;
        std::size_t blanks = 0;
        std::string first;
        for (std::size_t row = 0; row < weight.size(); ++row) {
            if (weight[row] == 0.0) {
                continue;
            }
            const std::string text = column.is_text() ? column.text(row) : std::string();
            if (column.is_text() ? text.empty() : std::isnan(column.number(row))) {
                first = blanks++ == 0 ? of.row_name(row) : first;
            } else if (column.is_text()) {
                levels[text] += weight[row];
            }
        }
        if (blanks > 0) {
            refuse_blank(names[j], blanks == 1 ? first : fmt::format("{} and {} more", first, blanks - 1));
        }
        if (levels.size() == 1) {
            throw InputError(fmt::format("covariate {} is {} for everybody: leave it out of fit.covariates", names[j],
                                         levels.begin()->first));
        }
        if (levels.size() > most_levels) {
            throw InputError(
                fmt::format("covariate {} has {} levels, and {} at most can be told apart: join them, or leave it out "
                            "of fit.covariates",
                            names[j], levels.size(), most_levels));
        }
        for (const auto& [level, of_level] : levels) {
            own.levels.push_back(level);
        }
        std::ranges::stable_sort(own.levels, std::ranges::greater{},
                                 [&](const std::string& level) { return levels.at(level); });
        described.push_back(std::move(own));
    }
    return described;
}

std::vector<double> covariates_of(const CovariateColumns& of, const std::vector<ContractColumn>& columns,
                                  std::size_t row) {
    std::vector<double> z;
    for (std::size_t j = 0; j < columns.size(); ++j) {
        const std::vector<std::string>& levels = columns[j].levels;
        if (levels.empty()) {
            z.push_back(of.columns[j].number(row));
            if (std::isnan(z.back())) {
                const std::string text = of.columns[j].text(row);
                if (text.empty()) {
                    refuse_blank(columns[j].name, of.row_name(row));
                }
                throw InputError(fmt::format("covariate {} is '{}' ({}), and a number in the model: give numbers",
                                             columns[j].name, shortened(text), of.row_name(row)));
            }
            continue;
        }
        const std::string text = of.columns[j].text(row);
        const auto found = std::ranges::find(levels, text);
        if (text.empty()) {
            refuse_blank(columns[j].name, of.row_name(row));
        }
        if (found == levels.end()) {
            throw InputError(
                fmt::format("covariate {} is '{}' ({}), which the model does not know: its levels are {}; fit it on "
                            "customers of that level too, up for some renewal",
                            columns[j].name, shortened(text), of.row_name(row), fmt::join(levels, ", ")));
        }
        const std::size_t first = z.size();
        z.resize(first + levels.size() - 1, 0.0);
        if (found != levels.begin()) {
            z[first + static_cast<std::size_t>(found - levels.begin()) - 1] = 1.0;
        }
    }
    return z;
}

}  // namespace clv
