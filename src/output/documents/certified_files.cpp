#include "clv/output/documents/certified_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>

#include "clv/core/formula_text.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/decisions/reasons/reasons.hpp"
#include "clv/output/files.hpp"

namespace clv {

namespace {

bool agree(double stated, double found) {
    constexpr double tolerance = 1.0e-9;
    return std::abs(stated - found) <= tolerance * std::max({std::abs(stated), std::abs(found), 1.0e-300});
}

std::optional<double> number_of(std::string_view cell) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return error == std::errc() && end == cell.data() + cell.size() ? std::optional(value) : std::nullopt;
}

/// Cells of a file against what they should be; names the first that are otherwise.
class CheckedRows {
  public:
    CheckedRows(const std::filesystem::path& path, std::string_view file, CertificateCheck& check)
        : reader_(path), check_(check) {
        for (const ColumnSpec& column : file_spec(file).columns) {
            columns_.emplace_back(column.name);
        }
        const bool has_header = reader_.next();
        for (const std::string& name : columns_) {
            std::size_t found = 0;
            while (has_header && found < reader_.size() && reader_[found] != name) {
                ++found;
            }
            place_.push_back(found);
            if (!has_header || found == reader_.size()) {
                complain(fmt::format("{} has no column {}", reader_.name(), name));
            }
        }
        width_ = has_header ? reader_.size() : 0;
    }

    [[nodiscard]] bool has_columns() const noexcept { return faults_ == 0; }
    [[nodiscard]] bool next() { return reader_.next() && reader_.size() == width_; }
    [[nodiscard]] std::string_view cell(std::size_t column) const { return reader_[place_[column]]; }
    [[nodiscard]] std::optional<double> number(std::size_t column) const { return number_of(cell(column)); }

    void expect(std::size_t column, double value) {
        const std::string_view found = cell(column);
        const auto stated = number_of(found);
        if (std::isnan(value) ? !found.empty() : !(stated && agree(*stated, value))) {
            differs(column, std::isnan(value) ? "an empty cell" : fmt::format("{}", value));
        }
    }
    void expect(std::size_t column, std::string_view text) {
        if (cell(column) != text && without_formula_mark(cell(column)) != text) {
            differs(column, fmt::format("'{}'", text));
        }
    }
    void differs(std::size_t column, const std::string& right) {
        complain(fmt::format("{}, line {}, {}: '{}' where it is {}", reader_.name(), reader_.line(), columns_[column],
                             cell(column), right));
    }
    void complain(std::string what) {
        constexpr std::size_t most_named = 5;
        if (++faults_ <= most_named) {
            check_.mismatches.push_back(std::move(what));
        }
    }
    void finish(std::size_t rows, std::size_t expected, const std::string& checked) {
        constexpr std::size_t most_named = 5;
        if (rows != expected || reader_.next()) {
            complain(fmt::format("{} has other rows than the {} it should have", reader_.name(), expected));
        }
        if (faults_ > most_named) {
            check_.mismatches.push_back(fmt::format("{}: {} differences in all", reader_.name(), faults_));
        }
        if (faults_ == 0) {
            check_.checked.push_back(checked);
        }
    }

  private:
    CsvReader reader_;
    std::vector<std::string> columns_;
    CertificateCheck& check_;
    std::vector<std::size_t> place_;
    std::size_t width_ = 0;
    std::size_t faults_ = 0;
};

}  // namespace

void check_plan_rows(const std::filesystem::path& file, const UpliftTable& maximised,
                     std::span<const std::uint8_t> action, const Certificate& certificate, CertificateCheck& check) {
    ActionPlan plan;
    plan.action.assign(action.begin(), action.end());
    plan.budget = certificate.budget;
    for (const CertifiedLimit& limit : certificate.limits) {
        plan.limits.push_back(
            {limit.limit.name, limit.used, limit.limit.min, limit.limit.max, limit.multiplier, limit.limit});
    }
    const PlanReasons reasons(maximised, plan);
    CheckedRows rows(file, "plan.csv", check);
    if (!rows.has_columns()) {
        return;
    }
    enum { customer_id, chosen, cost, expected_profit, expected_profit_se, recommended, reason };
    std::size_t i = 0;
    for (; i < maximised.size() && rows.next(); ++i) {
        const std::size_t cell = maximised.cell(i, action[i]);
        rows.expect(customer_id, maximised.customer_id[i]);
        rows.expect(chosen, maximised.actions[action[i]]);
        rows.expect(cost, maximised.cost[cell]);
        rows.expect(expected_profit, maximised.expected_profit[cell]);
        rows.expect(expected_profit_se,
                    maximised.expected_profit_se.empty() ? std::nan("") : maximised.expected_profit_se[cell]);
        rows.expect(recommended, recommended_action(plan, i));
        rows.expect(reason, reasons.of(i));
    }
    rows.finish(i, maximised.size(), fmt::format("every cell of {}", file.string()));
}

void check_frontier(const std::filesystem::path& file, const UpliftTable& table, std::size_t points,
                    CertificateCheck& check) {
    const Frontier frontier = efficient_frontier(table, points);
    CheckedRows rows(file, "frontier.csv", check);
    if (!rows.has_columns()) {
        return;
    }
    enum { budget, profit, profit_eval, profit_eval_se, marginal_roi, difference, difference_se };
    std::size_t k = 0;
    bool was_simulated = false;
    for (; k < frontier.points.size() && rows.next(); ++k) {
        const FrontierPoint& point = frontier.points[k];
        rows.expect(budget, point.budget);
        rows.expect(profit, point.profit);
        rows.expect(marginal_roi, point.marginal_roi);
        const double none = std::nan("");
        const auto fresh = rows.number(profit_eval);
        const auto error = rows.number(profit_eval_se);
        was_simulated = was_simulated || fresh;
        if (fresh.has_value() != error.has_value() || (!fresh && !rows.cell(profit_eval).empty())) {
            rows.differs(profit_eval, "a number with an error, or neither");
        }
        rows.expect(difference, fresh ? *fresh - point.profit : none);
        rows.expect(difference_se, error ? std::numbers::sqrt2 * *error : none);
    }
    rows.finish(k, frontier.points.size(), fmt::format("every budget, profit and marginal_roi of {}", file.string()));
    if (was_simulated) {
        check.not_recomputed.push_back(
            fmt::format("profit_eval and profit_eval_se of {} were simulated on fresh paths", file.string()));
    }
}

void check_policies(const CertificateFile& certified, const UpliftTable& table, std::span<const std::uint8_t> action,
                    std::span<const std::uint8_t> current, CertificateCheck& check) {
    // which single action is best goes by fresh paths where there are any
    std::string single;
    for (const PolicyValue& policy : certified.policies) {
        if (policy.policy == "best_single_action" && certified.fresh &&
            std::ranges::find(table.actions, policy.action) != table.actions.end()) {
            single = policy.action;
        }
    }
    const std::vector<PolicyValue> found =
        policies_by_table(table, certified.certificate.budget, action, current, single);
    if (found.size() != certified.policies.size()) {
        check.mismatches.push_back(
            fmt::format("{} policies are stated where {} are to be", certified.policies.size(), found.size()));
        return;
    }
    const std::size_t before = check.mismatches.size();
    for (std::size_t k = 0; k < found.size(); ++k) {
        const PolicyValue& stated = certified.policies[k];
        const PolicyValue& right = found[k];
        const auto differs = [&](std::string_view member, const auto& a, const auto& b) {
            check.mismatches.push_back(fmt::format("{} of policy {} is stated as {}, but by the uplift table it is {}",
                                                   member, right.policy, a, b));
        };
        if (stated.policy != right.policy || stated.action != right.action) {
            differs("the name", stated.policy + " " + stated.action, right.policy + " " + right.action);
            continue;
        }
        if (stated.customers != right.customers) {
            differs("customers", stated.customers, right.customers);
        }
        if (!agree(stated.cost, right.cost)) {
            differs("cost", stated.cost, right.cost);
        }
        if (!agree(stated.expected_profit, right.expected_profit)) {
            differs("expected_profit", stated.expected_profit, right.expected_profit);
        }
        const double unknown = -1.0e300;
        if (!agree(stated.added_months.value_or(unknown), right.added_months.value_or(unknown))) {
            differs("added_months", stated.added_months ? fmt::format("{}", *stated.added_months) : "unknown",
                    right.added_months ? fmt::format("{}", *right.added_months) : "unknown");
        }
        if (stated.fresh.has_value() != certified.fresh.has_value()) {
            check.mismatches.push_back(fmt::format("fresh figures of policy {} {}", right.policy,
                                                   stated.fresh ? "are stated, but none of the plan" : "are missing"));
        }
    }
    if (check.mismatches.size() == before) {
        check.checked.emplace_back("customers, cost, expected_profit and added_months of every policy");
    }
}

void check_fresh(const CertificateFile& certified, CertificateCheck& check) {
    if (!certified.fresh) {
        return;
    }
    const FreshFigures& fresh = *certified.fresh;
    const auto expect = [&](std::string_view member, double stated, double found) {
        constexpr double tolerance = 1.0e-9;
        if (!(std::abs(stated - found) <= tolerance * std::max({1.0, std::abs(found), std::abs(fresh.profit.sd)}))) {
            check.mismatches.push_back(
                fmt::format("{} is stated as {}, but by the other fresh figures it is {}", member, stated, found));
        }
    };
    const auto expect_same = [&](const std::string& of, const ProfitOnPaths& a, const ProfitOnPaths& b) {
        expect("profit of " + of, a.mean.value, b.mean.value);
        expect("se of " + of, a.mean.se, b.mean.se);
        expect("sd of " + of, a.sd, b.sd);
        expect("q05 of " + of, a.low, b.low);
        expect("q95 of " + of, a.high, b.high);
    };
    expect("fresh.difference", fresh.difference, fresh.profit.mean.value - certified.certificate.profit);
    expect("fresh.difference_se", fresh.difference_se, std::hypot(fresh.profit.mean.se, fresh.in_sample_se));
    const double all = fresh.profit.sd * fresh.profit.sd;
    const double rest = fresh.at_medians ? fresh.at_medians->sd * fresh.at_medians->sd : all;
    expect("fresh.effect_share", fresh.effect_share, all > 0.0 ? std::max(0.0, 1.0 - rest / all) : 0.0);
    for (const PolicyValue& policy : certified.policies) {
        if (policy.fresh && policy.policy == "plan") {
            expect_same("policy plan on fresh paths", *policy.fresh, fresh.profit);
        }
        if (policy.fresh && policy.policy == "do_nothing") {
            expect_same("policy do_nothing on fresh paths", *policy.fresh, ProfitOnPaths{});
        }
    }
    check.not_recomputed.emplace_back(
        "figures on fresh paths (fresh, and fresh of policies) take a simulation: clv run run.json repeats it");
}

}  // namespace clv
