// Keys of [customers].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> customers_section() {
    using namespace kinds;
    using C = RunConfig;
    return {"customers",
            "Who is valued, and in which sums.",
            {
                choice({.name = "customers.churned",
                        .meaning = "what becomes of who is marked as churned, and valued as if still there: separate: "
                                   "rows of their own, no rank, no action, and summed up in the row churned alone; "
                                   "include: as everybody else; exclude: no rows. All of them are fitted on"},
                       at<&C::customers, &CustomersSettings::churned>,
                       {{"separate", ChurnedCustomers::separate},
                        {"include", ChurnedCustomers::include},
                        {"exclude", ChurnedCustomers::exclude}}),
            }};
}

}  // namespace clv
