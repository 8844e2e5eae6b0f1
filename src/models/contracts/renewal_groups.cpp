// Customers, or segments of them, by their covariates.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "contract_problem.hpp"
#include "covariate_columns.hpp"

namespace clv {
namespace {

/// Rows of a weight above 0 in ascending order of their covariates.
struct OrderedRows {
    std::vector<std::size_t> rows;
    std::vector<std::vector<double>> z;  ///< [row]; empty for those left out
};

OrderedRows ordered_rows(const CovariateColumns& of, const std::vector<ContractColumn>& columns,
                         const std::vector<double>& weight) {
    OrderedRows ordered;
    ordered.z.resize(weight.size());
    for (std::size_t row = 0; row < weight.size(); ++row) {
        if (weight[row] > 0.0) {
            ordered.rows.push_back(row);
            ordered.z[row] = covariates_of(of, columns, row);
        }
    }
    std::ranges::stable_sort(ordered.rows, {},
                             [&](std::size_t row) -> const std::vector<double>& { return ordered.z[row]; });
    return ordered;
}

void add_counts(std::vector<double>& at_risk, std::vector<std::uint64_t>& churned, const std::vector<double>& more,
                const std::vector<std::uint64_t>& more_churned) {
    at_risk.resize(std::max(at_risk.size(), more.size()), 0.0);
    churned.resize(at_risk.size(), 0);
    for (std::size_t t = 0; t < more.size(); ++t) {
        at_risk[t] += more[t];
        churned[t] += more_churned[t];
    }
}

RenewalGroups checked(RenewalGroups renewals) {
    if (renewals.groups.empty()) {
        throw InputError("nobody was up for a renewal: give more periods");
    }
    static_cast<void>(standardised_covariates(renewals));
    return renewals;
}

/// 1 for customers who were up for some renewal.
std::vector<double> up_for_renewal(const CustomerTable& customers, int period_months) {
    std::vector<double> weight;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const double tenure = customers.tenure_months[i] / period_months;
        const double from = customers.observed_from_months.empty()
                                ? 0.0
                                : std::floor(customers.observed_from_months[i] / period_months);
        const bool left = customers.churned[i] != 0;
        const bool was_up = left ? tenure > from || tenure == 0.0 : std::floor(tenure) > from;
        weight.push_back(was_up ? 1.0 : 0.0);
    }
    return weight;
}

}  // namespace

RenewalGroups group_renewals(const CustomerTable& customers, const std::vector<std::string>& names, int period_months) {
    const CovariateColumns columns = covariate_columns(customers, names);
    const std::vector<double> weight = up_for_renewal(customers, period_months);
    RenewalGroups renewals{describe_columns(columns, names, weight), {}};
    const OrderedRows ordered = ordered_rows(columns, renewals.columns, weight);
    for (std::size_t begin = 0, end = 0; begin < ordered.rows.size(); begin = end) {
        throw_if_interrupted();
        std::vector<double> tenure;
        std::vector<double> from;
        std::vector<std::uint8_t> churned;
        const std::vector<double>& z = ordered.z[ordered.rows[begin]];
        for (; end < ordered.rows.size() && ordered.z[ordered.rows[end]] == z; ++end) {
            const std::size_t i = ordered.rows[end];
            tenure.push_back(customers.tenure_months[i] / period_months);
            churned.push_back(customers.churned[i]);
            if (!customers.observed_from_months.empty()) {
                from.push_back(std::floor(customers.observed_from_months[i] / period_months));
            }
        }
        LifeCounts observed = count_lives(tenure, churned, from, Leaving::period_ends);
        renewals.groups.push_back(
            {z, std::move(observed.at_risk), std::move(observed.churned), static_cast<double>(end - begin)});
    }
    return checked(std::move(renewals));
}

RenewalGroups group_renewals(const std::vector<RenewalCounts>& segments, const std::vector<FeatureColumn>& covariates) {
    CovariateColumns columns{{},
                             [&segments](std::size_t row) { return fmt::format("segment {}", segments[row].segment); }};
    std::vector<std::string> names;
    for (const FeatureColumn& covariate : covariates) {
        columns.columns.push_back({covariate.name, nullptr, &covariate, covariate.codes, covariate.categories});
        names.push_back(covariate.name);
    }
    std::vector<double> weight;
    for (const RenewalCounts& segment : segments) {
        const double first = segment.at_risk.empty() ? 0.0 : segment.at_risk.front();
        weight.push_back(segment.customers > 0 ? static_cast<double>(segment.customers) : first);
    }
    RenewalGroups renewals{describe_columns(columns, names, weight), {}};
    const OrderedRows ordered = ordered_rows(columns, renewals.columns, weight);
    for (const std::size_t row : ordered.rows) {
        if (renewals.groups.empty() || renewals.groups.back().z != ordered.z[row]) {
            renewals.groups.push_back({ordered.z[row], {}, {}, 0.0});
        }
        RenewalGroup& group = renewals.groups.back();
        add_counts(group.at_risk, group.churned, segments[row].at_risk, segments[row].churned);
        group.customers += weight[row];
    }
    return checked(std::move(renewals));
}

RenewalCounts pooled_renewals(const std::vector<RenewalCounts>& segments) {
    RenewalCounts all{"all", {}, {}};
    for (const RenewalCounts& segment : segments) {
        add_counts(all.at_risk, all.churned, segment.at_risk, segment.churned);
        all.customers += segment.customers > 0 || segment.at_risk.empty()
                             ? segment.customers
                             : static_cast<std::uint64_t>(segment.at_risk.front());
        all.warnings.insert(all.warnings.end(), segment.warnings.begin(), segment.warnings.end());
    }
    return all;
}

}  // namespace clv
