#include "clv/output/tables/rules_writer.hpp"

#include <limits>
#include <numeric>
#include <string>

#include "clv/output/tables/csv_table.hpp"

namespace clv {

namespace {

template <class Rule>
std::vector<std::string> names_of(const std::vector<Rule>& rules) {
    std::vector<std::string> names;
    for (const Rule& rule : rules) {
        names.push_back(rule.name);
    }
    return names;
}

}  // namespace

void write_lifecycle_csv(const std::filesystem::path& path, const CustomerTable& customers, const RuleSet& rules,
                         const RuledCustomers& ruled) {
    const std::size_t count = customers.size();
    const std::vector<std::string> stages = names_of(rules.stages);
    const std::vector<std::string> tiers = tier_names(rules);
    std::vector<std::string> levels = level_names(rules);
    levels.emplace_back();  // of who has no score
    std::vector<std::string> actions = names_of(rules.actions);
    actions.emplace_back("none");
    std::vector<double> roi;
    for (std::size_t i = 0; i < count; ++i) {
        const double cost = ruled.cost[i];
        roi.push_back(cost > 0.0 ? (ruled.benefit[i] - cost) / cost : std::numeric_limits<double>::quiet_NaN());
    }
    std::vector<CsvColumn> columns{{"customer_id", IdRange{customers.customer_id, 0, count}},
                                   {"action", CodedTexts{ruled.action, actions}},
                                   {"cost", ruled.cost},
                                   {"benefit", ruled.benefit},
                                   {"roi", roi},
                                   {"reason", ruled.reason}};
    if (!rules.stages.empty()) {
        columns.push_back({"stage", CodedTexts{ruled.stage, stages}});
    }
    if (!ruled.tier.empty()) {
        columns.push_back({"tier", CodedTexts{ruled.tier, tiers}});
    }
    if (!rules.signals.empty()) {
        columns.push_back({"score", ruled.score});
    }
    if (!ruled.level.empty()) {
        columns.push_back({"level", CodedTexts{ruled.level, levels}});
    }
    std::vector<std::vector<double>> signals(rules.signals.size());
    for (std::size_t k = 0; k < signals.size(); ++k) {
        for (std::size_t i = 0; i < count; ++i) {
            signals[k].push_back(ruled.signal[i * signals.size() + k]);
        }
        columns.push_back({"signal_" + rules.signals[k].name, signals[k], "signal_{signal}"});
    }
    write_csv_table(path, "lifecycle.csv", count, columns);
}

void write_migration_csv(const std::filesystem::path& path, const RuleSet& rules,
                         const std::vector<std::vector<std::uint64_t>>& customers) {
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::vector<std::uint64_t> count;
    std::vector<double> share;
    for (std::size_t k = 0; k < rules.stages.size(); ++k) {
        const auto all = std::accumulate(customers[k].begin(), customers[k].end(), std::uint64_t{0});
        for (std::size_t other = 0; other < rules.stages.size(); ++other) {
            from.push_back(rules.stages[k].name);
            to.push_back(rules.stages[other].name);
            count.push_back(customers[k][other]);
            share.push_back(all > 0 ? static_cast<double>(customers[k][other]) / static_cast<double>(all)
                                    : std::numeric_limits<double>::quiet_NaN());
        }
    }
    const std::vector<CsvColumn> columns{{"from", from}, {"to", to}, {"customers", count}, {"share", share}};
    write_csv_table(path, "migration.csv", count.size(), columns);
}

}  // namespace clv
