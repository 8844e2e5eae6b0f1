#pragma once
// survival.csv: estimates of survival, and the models fitted to them. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clv/models/kaplan_meier.hpp"

namespace clv {

/// The survival estimate of one segment.
struct SurvivalRows {
    std::string segment;  ///< portfolio_name without segments
    const KaplanMeier* estimate = nullptr;
    int period_months = 1;            ///< length of one entry of the estimate
    std::vector<double> fitted = {};  ///< [period] under a model, also beyond the estimate; empty: none was fitted
};

void write_survival_csv(const std::filesystem::path& path, std::span<const SurvivalRows> segments);

}  // namespace clv
