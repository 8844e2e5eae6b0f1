#pragma once
// model.json: fitted purchase and spend models and the weeks behind the calendar, with numbers that read back as they
// were.

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/models/bootstrap_fit.hpp"
#include "clv/models/calendar.hpp"
#include "clv/models/purchase_fit.hpp"
#include "clv/models/spend_fit.hpp"

namespace clv {

struct FittedModel {
    PurchaseFit purchase;
    std::optional<SpendFit> spend;
    std::optional<CalendarFit> calendar{};  ///< that all customers share; its draws are made anew for a horizon
    std::vector<ModelDraw> bootstrap{};     ///< empty unless asked for
};

/// Fits the purchase model, with covariates if there are names, and, where wanted, the spend model.
[[nodiscard]] FittedModel fit_model(const PurchaseHistory& history, PurchaseLaw law, bool with_spend,
                                    const std::vector<std::string>& covariates = {}, int threads = 0);

/// Repeat purchases of the weeks of a history beside those that the model expects; nothing where it has no days.
[[nodiscard]] std::optional<WeeklyPurchases> weeks_of(const PurchaseHistory& history, const PurchaseModel& model);

/// The calendar of these weeks; nothing where there are none.
[[nodiscard]] std::optional<CalendarFit> calendar_of(const PurchaseHistory& history, const PurchaseModel& model);

[[nodiscard]] std::string model_as_json(const FittedModel& model);

/// `name` stands for the file in messages. Throws InputError for what is no model of this format.
[[nodiscard]] FittedModel model_from_json(const std::string& text, const std::string& name);

/// Throws InputError if the file cannot be read or is no model of this format.
[[nodiscard]] FittedModel read_model(const std::filesystem::path& file);

/// "bg_nbd", as in configurations, and the names of its parameters in their order.
[[nodiscard]] std::string_view law_name(PurchaseLaw law);
[[nodiscard]] std::span<const std::string_view> law_parameters(PurchaseLaw law);
/// Those of gamma_gamma.
inline constexpr std::array<std::string_view, 3> spend_parameters{"p", "q", "v"};

}  // namespace clv
