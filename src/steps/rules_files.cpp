#include "clv/steps/rules_files.hpp"

#include <utility>

#include "clv/config/rules_file.hpp"
#include "clv/output/tables/rules_writer.hpp"
#include "clv/population/customers_to_group.hpp"
#include "clv/steps/learn_values.hpp"
#include "clv/steps/make_population.hpp"

namespace clv {

namespace {

/// Everything that is known of customers at the end of observation, under the names that rules use.
CustomerTable with_every_feature(const PurchasesRead& read) {
    const PurchaseSummary& summary = read.history.summary;
    CustomerTable customers;
    customers.customer_id = summary.customer_id;
    customers.id_hash = summary.id_hash;
    customers.content_hash = summary.content_hash;
    const auto add = [&](std::string name, std::vector<double> numbers) {
        FeatureColumn& column = customers.features.emplace_back();
        column.name = std::move(name);
        column.numbers = std::move(numbers);
    };
    const NumberColumns numbers = numbers_of(read);
    for (std::size_t k = 0; k < numbers.names.size(); ++k) {
        add(numbers.names[k], numbers.columns[k]);
    }
    if (read.features) {
        std::vector<double> since_last;
        std::vector<double> tenure;
        std::vector<double> in_gaps;
        for (std::size_t i = 0; i < summary.size(); ++i) {
            const auto days = (read.features->snapshot - read.features->last_day[i]).count();
            since_last.push_back(static_cast<double>(days));
            tenure.push_back(static_cast<double>((read.features->snapshot - read.features->first_day[i]).count()));
            in_gaps.push_back(since_last.back() / (read.features->gap_mean(i) * days_per(read.features->time_unit)));
        }
        add("since_last_days", std::move(since_last));
        add("tenure_days", std::move(tenure));
        add("since_last_in_gaps", std::move(in_gaps));
    }
    return customers;
}

/// Customers with transactions up to `last_day`, or to the end.
CustomerTable customers_at(const PopulationSettings& given, std::optional<std::chrono::sys_days> last_day,
                           const RejectSink& reject, ValidationReport& report, Terminal& terminal) {
    PopulationSettings settings = without_holdout(given);
    if (last_day) {
        settings.observation.observation_end = last_day;
    }
    PurchasesRead read = read_sound_purchases(settings, terminal, reject, FeaturesFor::files);
    CustomerTable customers = with_every_feature(read);
    report = std::move(read.report);
    return customers;
}

}  // namespace

RuledInput judge_by_rules(const PopulationSettings& settings, const RulesSettings& rules, const RejectSink& reject,
                          OutputSet& outputs, Terminal& terminal) {
    RuledInput input;
    input.rules = read_rules(rules.file);
    input.customers = customers_at(settings, std::nullopt, reject, input.report, terminal);
    input.ruled = apply_rules(input.rules, input.customers);
    write_lifecycle_csv(outputs.path("lifecycle.csv"), input.customers, input.rules, input.ruled);
    if (rules.before) {
        ValidationReport report;
        const CustomerTable before =
            customers_at(settings, rules.before, written_elsewhere(settings.input), report, terminal);
        const RuledCustomers ruled = apply_rules(input.rules, before);
        write_migration_csv(
            outputs.path("migration.csv"), input.rules,
            stage_migration(input.rules.stages.size(), before, ruled.stage, input.customers, input.ruled.stage));
    }
    return input;
}

}  // namespace clv
