#pragma once
// Which figures of customers are which datasets of results.h5.

#include <array>
#include <string_view>
#include <vector>

#include "clv/simulation/result.hpp"

namespace clv {

using Field = std::vector<double> ClvFigures::*;
using LevelsField = std::vector<std::vector<double>> ClvFigures::*;
using UpliftField = std::vector<double> UpliftFigures::*;

struct Figure {
    std::string_view dataset;
    Field field;
};
struct FigureOfLevels {
    std::string_view dataset;
    LevelsField field;
};
struct UpliftFigure {
    std::string_view dataset;
    UpliftField field;
};

inline constexpr std::array<Figure, 3> moments{
    {{"clv_mean", &ClvFigures::mean}, {"clv_se", &ClvFigures::se}, {"clv_sd", &ClvFigures::sd}}};
inline constexpr std::array<FigureOfLevels, 2> quantiles{
    {{"clv_quantile", &ClvFigures::quantiles}, {"clv_quantile_se", &ClvFigures::quantile_se}}};
inline constexpr std::array<Figure, 3> risks{
    {{"clv_cvar", &ClvFigures::cvar}, {"clv_cvar_se", &ClvFigures::cvar_se}, {"prob_loss", &ClvFigures::prob_loss}}};
inline constexpr std::array<UpliftFigure, 3> uplift_figures{{{"expected_profit", &UpliftFigures::expected_profit},
                                                             {"expected_profit_se", &UpliftFigures::expected_profit_se},
                                                             {"cost", &UpliftFigures::cost}}};
/// Of customers with contracts.
inline constexpr UpliftFigure added_months{"added_months", &UpliftFigures::added_months};

/// Where those who have churned are apart.
inline constexpr std::string_view churned_flags = "churned";

/// With optimizer.added_paths: what a plan was made from, where it is not uplift_figures.
struct RefinedFigure {
    std::string_view dataset;
    std::vector<double> UpliftTable::*field;
};
inline constexpr std::array<RefinedFigure, 3> refined_figures{
    {{"refined_expected_profit", &UpliftTable::expected_profit},
     {"refined_expected_profit_se", &UpliftTable::expected_profit_se},
     {"refined_cost", &UpliftTable::cost}}};
inline constexpr std::string_view refined_paths = "refined_paths";

/// With simulation.uplift_distribution.
inline constexpr std::string_view profit_quantiles = "profit_quantile";
inline constexpr std::array<UpliftFigure, 3> profit_figures{{{"profit_cvar", &UpliftFigures::profit_cvar},
                                                             {"prob_gain", &UpliftFigures::prob_gain},
                                                             {"payback_months", &UpliftFigures::payback_months}}};

}  // namespace clv
