#pragma once

namespace clv {

/// A hazard that means "certainly churns this month", whatever a multiplier above 0 makes of it. The law takes it as an
/// event and never adds it up, so that an action that suspends churn (multiplier 0) leaves later hazards as they are.
inline constexpr float certain_churn_hazard = 1.0e6F;

}  // namespace clv
