#pragma once

namespace clv {

/// What becomes of customers who are marked as churned. Whatever it is, they are fitted on.
enum class ChurnedCustomers {
    separate,  ///< valued as if still customers, and summed up on their own, beside everybody of today
    include,   ///< valued and summed up as if still customers
    exclude,   ///< not valued
};

/// [customers]
struct CustomersSettings {
    ChurnedCustomers churned = ChurnedCustomers::separate;
};

}  // namespace clv
