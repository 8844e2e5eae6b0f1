#pragma once
// The purchase laws: how customers buy who buy when they like, and leave without saying so. This is the one list of
// them. What a law says of a history stands in src/paths/laws/<law>.cpp, how it is fitted and what it forecasts in
// src/models/laws/<law>.cpp; docs/adding.md has the recipe.
//
//   bg_nbd      Fader, Hardie, Lee 2005: may drop out after every repeat purchase
//   mbg_nbd     Batislam, Denizel, Filiztekin 2007: and after the first one
//   pareto_nbd  Schmittlein, Morrison, Colombo 1987: may drop out at any time
//   bg_bb       Fader, Hardie, Shang 2010: one opportunity to buy per period; T and t are whole periods
//   nbd         Ehrenberg 1959: nobody drops out

#include <array>

#define CLV_PURCHASE_LAWS(LAW) \
    LAW(bg_nbd)                \
    LAW(mbg_nbd)               \
    LAW(pareto_nbd)            \
    LAW(bg_bb)                 \
    LAW(nbd)

namespace clv {

#define CLV_ENUMERATOR(law) law,
enum class PurchaseLaw { CLV_PURCHASE_LAWS(CLV_ENUMERATOR) };
#undef CLV_ENUMERATOR

/// All of them, in the order of the list.
#define CLV_VALUE(law) PurchaseLaw::law,
inline constexpr std::array purchase_laws{CLV_PURCHASE_LAWS(CLV_VALUE)};
#undef CLV_VALUE

/// Parameters of a purchase law in the order of its paper, which its own file names. The first two are of purchases,
/// the others of dropout; an infinite fourth, or a third of 0, says that nobody drops out.
using PurchaseParameters = std::array<double, 4>;

}  // namespace clv
