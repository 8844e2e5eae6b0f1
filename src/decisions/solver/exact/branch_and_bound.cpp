#include <algorithm>
#include <cmath>

#include "clv/core/progress.hpp"
#include "knapsack_core.hpp"

namespace clv::decisions {

namespace {

/// Depth first over the choices of a core. At every node Lagrange's bound is lowered by a few subgradient steps; what
/// the bound or the limits rule out is dropped before the node branches on the customer who wavers most.
class BranchAndBound {
  public:
    BranchAndBound(const KnapsackCore& core, std::span<const double> prices, const std::optional<Deviations>& start,
                   double most_work);
    [[nodiscard]] SearchResult solve();

  private:
    static constexpr std::size_t base = std::numeric_limits<std::size_t>::max();
    static constexpr int steps_per_node = 16;

    struct Customer {
        std::size_t first;  ///< item; the first is the base choice
        std::size_t end;
    };
    struct Node {
        std::vector<std::uint8_t> open;  ///< [item]
        std::vector<double> prices;      ///< [row]
    };
    /// Choices at some prices.
    struct Response {
        double bound;
        std::vector<std::size_t> item;  ///< [customer]
        std::vector<double> room;       ///< [row]
    };

    void respond(const Node& node, Response& response);
    [[nodiscard]] double priced(std::size_t item, std::span<const double> prices) const {
        double value = profit_[item];
        for (std::size_t r = 0; r < rows_; ++r) {
            value -= prices[r] * use_[item * rows_ + r];
        }
        return value;
    }
    /// No plan of value `bound` or less is better than the best so far.
    [[nodiscard]] bool is_hopeless(double bound) const { return bound <= best_profit_ + least_improvement_; }
    [[nodiscard]] bool lower_bound(Node& node);
    [[nodiscard]] bool drop_unaffordable(Node& node);
    void drop_hopeless(Node& node);
    void remember(const Response& response);
    [[nodiscard]] std::size_t wavering(const Node& node) const;
    void explore(Node node);

    const KnapsackCore& core_;
    std::size_t rows_;
    double most_work_;
    double work_ = 0.0;
    double least_improvement_;
    std::vector<Customer> customers_;
    std::vector<std::size_t> deviation_;  ///< [item]; base
    std::vector<double> profit_;          ///< [item], units
    std::vector<double> use_;             ///< [item][row], units
    std::vector<double> root_prices_;
    std::vector<double> per_size_;             ///< [row]: 1 / the largest use
    std::vector<double> slack_;                ///< [row]: what sums in doubles may be off by
    std::vector<std::uint32_t> chosen_often_;  ///< [item]: in how many of a node's steps
    Response response_;
    Response best_response_;
    double best_profit_ = -std::numeric_limits<double>::infinity();
    Wide best_gain_ = 0;
    Deviations best_;
    bool has_plan_ = false;
};

BranchAndBound::BranchAndBound(const KnapsackCore& core, std::span<const double> prices,
                               const std::optional<Deviations>& start, double most_work)
    : core_(core),
      rows_(core.rows),
      most_work_(most_work),
      least_improvement_(least_improvement(core, prices)),
      root_prices_(prices.begin(), prices.end()) {
    const auto add_item = [this](std::size_t deviation) {
        deviation_.push_back(deviation);
        profit_.push_back(deviation == base ? 0.0 : static_cast<double>(core_.deviations[deviation].profit));
        for (std::size_t r = 0; r < rows_; ++r) {
            use_.push_back(deviation == base ? 0.0 : static_cast<double>(core_.use_of(deviation)[r]));
        }
    };
    for (const OpenCustomer& customer : customers_of(core)) {
        const std::size_t first = deviation_.size();
        add_item(base);
        for (std::size_t d = customer.first; d < customer.end; ++d) {
            add_item(d);
        }
        customers_.push_back({first, deviation_.size()});
    }
    chosen_often_.assign(deviation_.size(), 0);
    if (start) {
        has_plan_ = true;
        best_ = *start;
        best_gain_ = gain_of(core, *start);
        best_profit_ = static_cast<double>(best_gain_);
    }
}

void BranchAndBound::respond(const Node& node, Response& response) {
    response.item.assign(customers_.size(), 0);
    response.room.resize(rows_);
    response.bound = 0.0;
    for (std::size_t r = 0; r < rows_; ++r) {
        response.room[r] = static_cast<double>(core_.room[r]);
        response.bound += node.prices[r] * response.room[r];
    }
    for (std::size_t c = 0; c < customers_.size(); ++c) {
        double best = -std::numeric_limits<double>::infinity();
        for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
            if (node.open[item] != 0) {
                const double value = priced(item, node.prices);
                if (value > best) {
                    best = value;
                    response.item[c] = item;
                }
            }
        }
        response.bound += best;
        for (std::size_t r = 0; r < rows_; ++r) {
            response.room[r] -= use_[response.item[c] * rows_ + r];
        }
    }
    work_ += static_cast<double>(deviation_.size() * (rows_ + 1));
}

void BranchAndBound::remember(const Response& response) {
    for (std::size_t r = 0; r < rows_; ++r) {
        if (response.room[r] < -slack_[r]) {
            return;
        }
    }
    Deviations taken;
    for (const std::size_t item : response.item) {
        if (deviation_[item] != base) {
            taken.push_back(deviation_[item]);
        }
    }
    const Wide gain = gain_of(core_, taken);
    if ((has_plan_ && gain <= best_gain_) || !fits(core_, taken)) {
        return;
    }
    best_gain_ = gain;
    best_profit_ = static_cast<double>(gain);
    has_plan_ = true;
    best_ = std::move(taken);
}

/// Drops what no row can pay any more; false: some row cannot even pay for everybody's least.
bool BranchAndBound::drop_unaffordable(Node& node) {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t r = 0; r < rows_; ++r) {
            double left = static_cast<double>(core_.room[r]);
            std::vector<double> least(customers_.size(), std::numeric_limits<double>::infinity());
            for (std::size_t c = 0; c < customers_.size(); ++c) {
                for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
                    if (node.open[item] != 0) {
                        least[c] = std::min(least[c], use_[item * rows_ + r]);
                    }
                }
                left -= least[c];
            }
            if (!(left >= -slack_[r])) {
                return false;  // also where a customer has nothing left
            }
            for (std::size_t c = 0; c < customers_.size(); ++c) {
                for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
                    if (node.open[item] != 0 && use_[item * rows_ + r] - least[c] > left + slack_[r]) {
                        node.open[item] = 0;
                        again = true;
                    }
                }
            }
        }
        work_ += static_cast<double>(2 * deviation_.size() * rows_);
    }
    return true;
}

/// Steps towards prices of the least bound, which the node keeps; false: the node is hopeless.
bool BranchAndBound::lower_bound(Node& node) {
    std::fill(chosen_often_.begin(), chosen_often_.end(), 0U);
    Node trial = node;
    double least = std::numeric_limits<double>::infinity();
    double pace = 1.0;
    for (int step = 0; step < steps_per_node; ++step) {
        respond(trial, response_);
        for (const std::size_t item : response_.item) {
            ++chosen_often_[item];
        }
        remember(response_);
        if (response_.bound < least) {
            least = response_.bound;
            node.prices = trial.prices;
            std::swap(best_response_, response_);
            if (is_hopeless(least)) {
                return false;
            }
        } else {
            pace *= 0.7;
        }
        const Response& here = response_.item.empty() || response_.bound > least ? best_response_ : response_;
        double squares = 0.0;
        for (std::size_t r = 0; r < rows_; ++r) {
            const bool is_held = trial.prices[r] == 0.0 && here.room[r] > 0.0;
            squares += is_held ? 0.0 : here.room[r] * here.room[r] * per_size_[r] * per_size_[r];
        }
        if (squares == 0.0) {
            break;
        }
        const double target = has_plan_ ? best_profit_ : least - 0.02 * (std::abs(least) + least_improvement_);
        const double length = pace * (least - target + least_improvement_) / squares;
        for (std::size_t r = 0; r < rows_; ++r) {
            trial.prices[r] = std::max(0.0, node.prices[r] - length * here.room[r] * per_size_[r] * per_size_[r]);
        }
    }
    return true;
}

void BranchAndBound::drop_hopeless(Node& node) {
    respond(node, response_);
    for (std::size_t c = 0; c < customers_.size(); ++c) {
        const double best = priced(response_.item[c], node.prices);
        for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
            if (node.open[item] != 0 && is_hopeless(response_.bound - (best - priced(item, node.prices)))) {
                node.open[item] = 0;
            }
        }
    }
}

/// The customer whose choice changed most from step to step, or the first with a choice; the number of customers where
/// nobody has one.
std::size_t BranchAndBound::wavering(const Node& node) const {
    std::size_t best = customers_.size();
    std::uint32_t least_settled = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t c = 0; c < customers_.size(); ++c) {
        std::size_t open = 0;
        std::uint32_t settled = 0;
        for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
            open += node.open[item];
            settled = std::max(settled, node.open[item] != 0 ? chosen_often_[item] : 0U);
        }
        if (open > 1 && settled < least_settled) {
            least_settled = settled;
            best = c;
        }
    }
    return best;
}

void BranchAndBound::explore(Node node) {
    while (work_ < most_work_) {
        throw_if_interrupted();
        if (!drop_unaffordable(node) || !lower_bound(node)) {
            return;
        }
        drop_hopeless(node);
        const std::size_t c = wavering(node);
        if (c == customers_.size()) {
            respond(node, response_);
            remember(response_);
            return;
        }
        std::size_t likely = customers_[c].first;
        std::uint32_t often = 0;
        for (std::size_t item = customers_[c].first; item < customers_[c].end; ++item) {
            if (node.open[item] != 0 && (often == 0 || chosen_often_[item] > often)) {
                often = std::max(chosen_often_[item], 1U);
                likely = item;
            }
        }
        Node with = node;
        std::fill(with.open.begin() + static_cast<std::ptrdiff_t>(customers_[c].first),
                  with.open.begin() + static_cast<std::ptrdiff_t>(customers_[c].end), std::uint8_t{0});
        with.open[likely] = 1;
        explore(std::move(with));
        node.open[likely] = 0;  // and on without it
    }
}

SearchResult BranchAndBound::solve() {
    // Steps are taken in rows scaled to their rooms, so that no unit of a row matters more than another's.
    std::vector<double> size(rows_, 1.0);
    for (std::size_t item = 0; item < deviation_.size(); ++item) {
        for (std::size_t r = 0; r < rows_; ++r) {
            size[r] = std::max(size[r], std::abs(use_[item * rows_ + r]));
        }
    }
    constexpr double rounding = 4.0 * 0x1p-53;
    for (std::size_t r = 0; r < rows_; ++r) {
        const auto customers = static_cast<double>(customers_.size());
        per_size_.push_back(1.0 / size[r]);
        slack_.push_back(rounding * customers * (std::abs(static_cast<double>(core_.room[r])) + customers * size[r]));
    }
    explore({std::vector<std::uint8_t>(deviation_.size(), 1), root_prices_});
    std::sort(best_.begin(), best_.end());
    return {has_plan_ ? std::optional(best_) : std::nullopt, work_ < most_work_};
}

}  // namespace

SearchResult branch_and_bound(const KnapsackCore& core, std::span<const double> prices,
                              const std::optional<Deviations>& start, double most_work) {
    return BranchAndBound(core, prices, start, most_work).solve();
}

}  // namespace clv::decisions
