#include "purchase_law_traits.hpp"

namespace clv {

const PurchaseLawTraits& traits_of(PurchaseLaw law) noexcept {
#define CLV_ADDRESS(law) &law##_law,
    static constexpr std::array laws{CLV_PURCHASE_LAWS(CLV_ADDRESS)};
#undef CLV_ADDRESS
    return *laws[static_cast<std::size_t>(law)];
}

std::vector<FourParameters> usual_starts_without_dropout(const TypicalCustomer& customer) {
    return {{1.0, customer.gap}, {0.3, 0.3 * customer.gap}};
}

std::vector<FourParameters> usual_starts(const TypicalCustomer& customer, const FourParameters& plain, double time) {
    return {{0.5, 0.5 * customer.gap, 0.7, 2.0 * time},
            {plain[0], plain[1], 0.1, time},
            {2.0, 2.0 * customer.gap, 1.0, 10.0 * time}};
}

}  // namespace clv
