#pragma once
// What goes to a GPU and comes back for a batch of customers: two stretches of memory, each copied in one piece, with
// the same layout on both sides. Tables in, exact parts of figures out; paths never leave the multiprocessor.

#include <cstddef>
#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/paths/retail.hpp"
#include "clv/paths/subscription_revenue.hpp"
#include "clv/risk/profit_prior.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv::cuda {

/// Which alternatives a customer has, and where the values go. Under any law.
struct CustomerInput {
    double scale[max_alternatives];  ///< units per currency of each alternative's values
    std::uint32_t segment;
    std::uint32_t eligible;  ///< bit a: the customer may get the run's action a
    ProfitPrior prior[max_alternatives];

    [[nodiscard]] CLV_HD bool may_get(int alternative) const {
        return alternative == 0 || (eligible >> (alternative - 1) & 1U) != 0;
    }
};

/// The subscription law's customer, whose tables stand apart (its pointers are null).
struct SubscriptionInput {
    SubscriptionCustomer law;
    bool has_cumulative_hazard;  ///< hazards are the same in every path
    double retention_cost;       ///< currency a month
};

/// What is taken of all paths of one customer together.
struct CustomerRecord {
    std::uint64_t months_paid;         ///< under none
    std::uint32_t value_out_of_range;  ///< not 0: a value does not fit its scale
    std::uint32_t total_out_of_range;  ///< not 0: a sum over customers does not fit
};

/// Sum of whole units to which many lanes add at once: at most 2^27 of them, each below 2^61 in magnitude.
struct SharedUnits {
    std::uint64_t low;  ///< of their lower 32 bits
    std::int64_t high;  ///< of the rest

    template <class Grid>
    CLV_HD void add(Grid& grid, std::int64_t units) {
        grid.add(&low, std::uint64_t{static_cast<std::uint32_t>(units)});
        grid.add(&high, units >> 32);
    }
    [[nodiscard]] Wide total() const { return (static_cast<Wide>(high) << 32) + static_cast<Wide>(low); }
};

/// What is taken of the values under one alternative. `profit` stays empty for none; `tail` and `losses` where no ranks
/// are taken.
struct AlternativeRecord {
    UnitSums all;
    UnitSums profit;  ///< of the differences to none
    UnitSums tail;    ///< of the values up to the tail's rank
    std::uint64_t losses;
    SharedUnits active_revenue;  ///< paid while an accepted action is active, where it costs a share of that
    std::int64_t added_months;   ///< paid months minus those under none, of the subscription law
};

struct BatchSize {
    std::uint32_t customers;
    int alternatives;
    int horizon_months;
    std::uint32_t ranks;  ///< order statistics per alternative
    bool with_revenue;    ///< undiscounted revenue comes along, for the cash flow
    std::uint32_t draws;  ///< of the retail law's parameters
};

struct BatchInput {
    CustomerInput* customers;
};

struct SubscriptionBatch : BatchInput {
    SubscriptionInput* law;
    double* value;              ///< [customer][alternative][0..horizon]
    double* revenue_value;      ///< [customer][0..horizon]
    double* revenue;            ///< [customer][month - 1]
    float* hazard;              ///< [customer][month - 1]
    float* cumulative_hazard;   ///< [customer][month - 1]
    float* discounted_revenue;  ///< [customer][month - 1], padded with month_padding
};

struct RetailBatch : BatchInput {
    RetailCustomer* law;  ///< whose posteriors stand apart
    float* posterior;     ///< [customer][entry of RetailPosterior][draw]
};

struct BatchOutput {
    CustomerRecord* customers;
    AlternativeRecord* alternatives;  ///< [customer][alternative]
    double* at_rank;                  ///< [customer][alternative][rank]
    std::uint32_t* active_months;     ///< [customer][alternative][0..horizon]
};

/// Hands out stretches of memory one after the other. Without memory it only counts.
class MemoryCursor {
  public:
    CLV_HD explicit MemoryCursor(std::byte* begin) : begin_(begin) {}
    template <class T>
    CLV_HD T* take(std::size_t count) {
        bytes_ = (bytes_ + alignof(T) - 1) / alignof(T) * alignof(T);
        T* here = begin_ == nullptr ? nullptr : reinterpret_cast<T*>(begin_ + bytes_);
        bytes_ += count * sizeof(T);
        return here;
    }
    [[nodiscard]] CLV_HD std::size_t bytes() const { return bytes_; }

  private:
    std::byte* begin_;
    std::size_t bytes_ = 0;
};

inline void take(MemoryCursor& memory, const BatchSize& size, SubscriptionBatch& input) {
    const std::size_t customers = size.customers;
    const auto months = static_cast<std::size_t>(size.horizon_months);
    input.customers = memory.take<CustomerInput>(customers);
    input.law = memory.take<SubscriptionInput>(customers);
    input.value = memory.take<double>(customers * static_cast<std::size_t>(size.alternatives) * (months + 1));
    input.revenue_value = memory.take<double>(customers * (months + 1));
    input.revenue = memory.take<double>(size.with_revenue ? customers * months : 0);
    input.hazard = memory.take<float>(customers * months);
    input.cumulative_hazard = memory.take<float>(customers * months);
    input.discounted_revenue = memory.take<float>(customers * (months + month_padding));
}

inline void take(MemoryCursor& memory, const BatchSize& size, RetailBatch& input) {
    input.customers = memory.take<CustomerInput>(size.customers);
    input.law = memory.take<RetailCustomer>(size.customers);
    input.posterior = memory.take<float>(std::size_t{size.customers} * retail_posterior_entries * size.draws);
}

inline void take(MemoryCursor& memory, const BatchSize& size, BatchOutput& output) {
    const std::size_t rows = static_cast<std::size_t>(size.customers) * static_cast<std::size_t>(size.alternatives);
    output.customers = memory.take<CustomerRecord>(size.customers);
    output.alternatives = memory.take<AlternativeRecord>(rows);
    output.at_rank = memory.take<double>(rows * size.ranks);
    output.active_months = memory.take<std::uint32_t>(rows * (static_cast<std::size_t>(size.horizon_months) + 1));
}

/// A batch's tables or figures at `begin`; without memory only its size counts.
template <class Part>
Part placed(std::byte* begin, const BatchSize& size) {
    MemoryCursor cursor(begin);
    Part part{};
    take(cursor, size, part);
    return part;
}

template <class Part>
[[nodiscard]] std::size_t bytes_of(const BatchSize& size) {
    MemoryCursor cursor(nullptr);
    Part part{};
    take(cursor, size, part);
    return cursor.bytes();
}

}  // namespace clv::cuda
