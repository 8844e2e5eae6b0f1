#pragma once
// An action as path laws read it, and the draws of its uncertain multipliers.

#include <cstdint>

#include "clv/random/samplers.hpp"

namespace clv {

inline constexpr int max_alternatives = 9;  // `none` and max_actions others

/// A multiplier median x 2^(shared_log2_sd Z + customer_log2_sd Z').
struct MultiplierLaw {
    double median;
    float shared_log2_sd;
    float customer_log2_sd;
    [[nodiscard]] CLV_HD bool is_certain() const { return shared_log2_sd == 0.0F && customer_log2_sd == 0.0F; }
};

enum class MultiplierKind : std::uint32_t { hazard = 0, revenue = 1, price = 2 };

/// An action as the law needs it. Money in currency, at time 0 or per month.
struct ActionLaw {
    std::uint64_t acceptance_threshold;  ///< accepted if the draw's word is below: acceptance x 2^32
    double cost;
    double cost_if_accepted;
    double monthly_cost;
    double monthly_cost_share;        ///< of the revenue that the customer pays
    MultiplierLaw multipliers[3];     ///< by MultiplierKind
    float inverse_hazard_multiplier;  ///< 1 / median; infinite where the median is 0
    std::uint32_t name_low;           ///< hash of the name: address of the shared effect
    std::uint32_t name_high;
    int duration_months;

    [[nodiscard]] CLV_HD const MultiplierLaw& multiplier(MultiplierKind kind) const {
        return multipliers[static_cast<int>(kind)];
    }
    /// Volume and price are numbers, so that the value of the paid months is a table.
    [[nodiscard]] CLV_HD bool has_certain_revenue() const {
        return multiplier(MultiplierKind::revenue).is_certain() && multiplier(MultiplierKind::price).is_certain();
    }
    /// What is left of a price while the action is active.
    [[nodiscard]] CLV_HD double net_price(double price) const { return price * (1.0 - monthly_cost_share); }
    [[nodiscard]] CLV_HD bool is_always_accepted() const { return acceptance_threshold > 0xffffffffU; }
};

/// log2 of an uncertain multiplier over its median.
template <class Real, class Run, class Customer>
CLV_HD_CALL Real multiplier_exponent(const Run& run, const Customer& customer, const ActionLaw& action,
                                     MultiplierKind kind, typename lane::Types<Real>::Word path_address) {
    using Word = typename lane::Types<Real>::Word;
    const MultiplierLaw& law = action.multiplier(kind);
    Real exponent(0.0F);
    if (law.shared_log2_sd != 0.0F) {
        const auto block = philox_paths<Word>(draw_address(Purpose::shared_effect, static_cast<std::uint32_t>(kind)),
                                              path_address, action.name_low, action.name_high, run.key);
        exponent = Real(law.shared_log2_sd) * normal_pair<Real>(block.word[0], block.word[1]).first;
    }
    if (law.customer_log2_sd != 0.0F) {
        const std::uint32_t index = (action.name_low & 0x003fffffU) << 2 | static_cast<std::uint32_t>(kind);
        const auto block = philox_paths<Word>(draw_address(Purpose::customer_effect, index), path_address,
                                              customer.id_low, customer.id_high, run.key);
        exponent =
            lane::fused(Real(law.customer_log2_sd), normal_pair<Real>(block.word[0], block.word[1]).first, exponent);
    }
    return exponent;
}

template <class Real, class Run, class Customer>
CLV_HD Real multiplier_draw(const Run& run, const Customer& customer, const ActionLaw& action, MultiplierKind kind,
                            typename lane::Types<Real>::Word path_address) {
    const MultiplierLaw& law = action.multiplier(kind);
    const Real median(static_cast<float>(law.median));
    return law.is_certain() ? median
                            : median * exp2(multiplier_exponent<Real>(run, customer, action, kind, path_address));
}

}  // namespace clv
