// Laws that customers' histories cannot tell apart.

#include "clv/models/rival_laws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "clv/models/fitted_model.hpp"
#include "support/fit_worlds.hpp"

namespace clv {
namespace {

PurchaseSummary world(PurchaseLaw law, int customers, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const PurchaseParameters parameters =
        law == PurchaseLaw::nbd ? PurchaseParameters{0.8, 8.0, 0.0, 0.0} : PurchaseParameters{0.8, 8.0, 0.8, 2.4};
    return test::history_of({law, parameters, customers, 52.0, 52.0}, engine).summary;
}

TEST(RivalLaws, AreThoseWithSupportThatExpectOtherTotals) {
    const PurchaseSummary customers = world(PurchaseLaw::bg_nbd, 2'000, 1);
    const PurchaseFit wrong = fit_purchases(customers, PurchaseLaw::nbd);
    const std::vector<RivalLaw> rivals = rival_laws(wrong, customers);
    const auto right = std::ranges::find(rivals, PurchaseLaw::bg_nbd, &RivalLaw::law);
    ASSERT_NE(right, rivals.end());
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_nbd);
    EXPECT_NEAR(right->log_likelihood_gain, fit.log_likelihood - wrong.log_likelihood, 1e-6);
    double age = 0.0;
    for (const double own : customers.age) {
        age += own / static_cast<double>(customers.age.size());
    }
    const auto total = [&](const PurchaseModel& model) {
        double sum = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            sum += model.conditional_expectation(customers.frequency[i], customers.recency[i], customers.age[i], age);
        }
        return sum;
    };
    EXPECT_NEAR(right->total_ratio, total(fit.model) / total(wrong.model), 1e-9);
    EXPECT_LT(right->total_ratio, 0.9);
    EXPECT_TRUE(std::ranges::is_sorted(rivals, std::ranges::greater(), &RivalLaw::log_likelihood_gain));
    const std::string said = said_of_rivals(wrong, customers);
    EXPECT_NE(said.find("bg_nbd"), std::string::npos) << said;
    EXPECT_NE(said.find("fewer"), std::string::npos) << said;
}

TEST(RivalLaws, WithoutSupportAreNotNamed) {
    const PurchaseSummary customers = world(PurchaseLaw::bg_nbd, 2'000, 1);
    for (const RivalLaw& rival : rival_laws(fit_purchases(customers, PurchaseLaw::bg_nbd), customers)) {
        EXPECT_NE(rival.law, PurchaseLaw::nbd);
        EXPECT_GE(rival.log_likelihood_gain, -2.0);
        EXPECT_GT(std::abs(std::log(rival.total_ratio)), law_matters);
    }
    EXPECT_TRUE(
        rival_laws(fit_purchases(customers, PurchaseLaw::bg_nbd), PurchaseSummary(world(PurchaseLaw::nbd, 0, 1)))
            .empty());
}

TEST(RivalLaws, OfAShareOfManyCustomersSayTheSame) {
    const PurchaseSummary customers = world(PurchaseLaw::bg_nbd, 20'000, 2);
    const PurchaseFit wrong = fit_purchases(customers, PurchaseLaw::nbd);
    const std::vector<RivalLaw> rivals = rival_laws(wrong, customers);
    ASSERT_FALSE(rivals.empty());
    const PurchaseFit other = fit_purchases(customers, rivals.front().law);
    const auto count = static_cast<double>(customers.size());
    const double gain = other.log_likelihood - wrong.log_likelihood;
    double squares = 0.0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const auto of = [&](const PurchaseModel& model) {
            return model.log_likelihood(customers.frequency[i], customers.recency[i], customers.age[i]);
        };
        const double own = of(other.model) - of(wrong.model) - gain / count;
        squares += own * own;
    }
    const double share = 1.0 / 7.0;  // of the ids' hashes
    EXPECT_NEAR(rivals.front().log_likelihood_gain, gain, 4.0 * std::sqrt(squares / share));
    EXPECT_LT(4.0 * std::sqrt(squares / share), 0.5 * gain);
}

}  // namespace
}  // namespace clv
