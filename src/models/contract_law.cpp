#include "clv/models/contract_law.hpp"

#include <array>

namespace clv {

namespace {

constexpr std::array<std::string_view, 3> parameters_of_bdw{"alpha", "beta", "c"};

}  // namespace

std::string_view law_name(ContractLaw law) {
    return law == ContractLaw::sbg ? "sbg" : "bdw";
}

std::span<const std::string_view> law_parameters(ContractLaw law) {
    return std::span(parameters_of_bdw).first(law == ContractLaw::sbg ? 2 : 3);  // sbg is bdw with c = 1
}

}  // namespace clv
