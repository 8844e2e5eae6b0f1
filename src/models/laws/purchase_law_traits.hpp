#pragma once
// What the models know of one purchase law: its names, its likelihood with its gradient, where a fit begins and what
// its limits are, its closed forms. Every law fills one of these in, in its own file. Internal to the models.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/math/log_maximum.hpp"
#include "clv/paths/purchase_law.hpp"
#include "purchase_rows.hpp"

namespace clv {

/// A law with its dropout, or at its limit without.
struct PurchaseForms {
    Slope (*log_likelihood)(const PurchaseRows& rows, const PurchaseParameters& at);
    /// Expected purchases within t > 0 of a customer who is alive now, and whose rate and dropout have the law's own
    /// shape with the parameters `at`; the next chance to drop out is the next purchase or period.
    double (*expected)(const PurchaseParameters& at, double t);
    /// Discounted purchases of such a customer, at `rate` a time unit.
    double (*discounted)(const PurchaseParameters& at, double rate);
    /// P(n purchases within t) of a new customer, n >= 0.
    double (*count_probability)(const PurchaseParameters& at, int n, double t);
};

/// The customers of a fit on the whole, in time units; 1 both for a law that counts periods.
struct TypicalCustomer {
    double age;  ///< mean
    double gap;  ///< between purchases
};

/// What covariates on dropout move: the logarithm of a parameter, up or down with the factor.
struct DropoutCovariate {
    std::size_t parameter;
    double sign;
};

struct PurchaseLawTraits {
    std::string_view name;                       ///< in configurations and model.json
    std::array<std::string_view, 4> parameters;  ///< in the order of PurchaseParameters; empty: the law has none
    PurchaseForms with_dropout;                  ///< those below for a law without dropout
    PurchaseForms without_dropout;
    /// Where fits of the first two parameters without dropout begin.
    std::vector<FourParameters> (*starts_without_dropout)(const TypicalCustomer& customer);
    /// Where fits of all four begin, given the maximum without dropout. Null for a law without dropout.
    std::vector<FourParameters> (*starts)(const TypicalCustomer& customer, const FourParameters& plain);
    bool dropout_in_time = false;  ///< the fourth parameter is a time
    double third_at_limit = 0.0;   ///< the third parameter where nobody drops out; the fourth is infinite
    bool has_covariates = true;    ///< on the rate, and on dropout where the next is set
    std::optional<DropoutCovariate> dropout_covariate;
    /// What to say of a fit to these rows, or nothing; null: nothing ever.
    std::string (*warning)(std::span<const PurchaseRow> rows, double customers) = nullptr;

    [[nodiscard]] bool drops_out() const noexcept { return starts != nullptr; }
    [[nodiscard]] std::size_t parameter_count() const noexcept { return drops_out() ? 4 : 2; }
    [[nodiscard]] const PurchaseForms& forms(bool dropout) const noexcept {
        return dropout ? with_dropout : without_dropout;
    }
};

#define CLV_DECLARE(law) extern const PurchaseLawTraits law##_law;
CLV_PURCHASE_LAWS(CLV_DECLARE)
#undef CLV_DECLARE

[[nodiscard]] const PurchaseLawTraits& traits_of(PurchaseLaw law) noexcept;

/// Starts that suit laws in continuous time; `time` is the unit of the fourth parameter.
[[nodiscard]] std::vector<FourParameters> usual_starts_without_dropout(const TypicalCustomer& customer);
[[nodiscard]] std::vector<FourParameters> usual_starts(const TypicalCustomer& customer, const FourParameters& plain,
                                                       double time);

}  // namespace clv
