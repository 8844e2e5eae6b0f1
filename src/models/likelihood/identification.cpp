#include "clv/models/identification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/math/log_maximum.hpp"
#include "clv/models/covariate_fit.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "free_coordinates.hpp"
#include "models/laws/purchase_law_traits.hpp"
#include "models/purchase_problem.hpp"
#include "models/spend_likelihood.hpp"

namespace clv {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// A purchase law over its free coordinates: of how often customers buy, of dropping out unless it is at the limit
/// without, and the effects of covariates over a standard deviation of their columns.
class FreePurchases {
  public:
    FreePurchases(const PurchaseSummary& customers, const PurchaseFit& fit, bool drops_out)
        : law_(fit.model.law),
          unit_(fit.model.time_unit),
          names_(fit.covariates.names),
          rows_(distinct_rows(customers, law_)),
          data_(covariate_data(customers, names_)),
          problem_(data_, law_, drops_out, 1),
          form_(traits_of(law_).forms(drops_out).log_likelihood) {
        const double age = typical_customer(rows_.rows(), law_).age;
        const bool periods = has_opportunities(law_);
        observed_ = age;
        if (periods) {
            observed_ = 1.0;
            for (const PurchaseRow& row : rows_.rows()) {
                observed_ = std::max(observed_, row.age);
            }
        }
        pairs_.push_back({periods ? Mixture::beta : Mixture::gamma, age});
        if (drops_out) {
            pairs_.push_back({traits_of(law_).dropout_in_time ? Mixture::gamma : Mixture::beta, age});
        }
    }

    [[nodiscard]] double likelihood(const Point& free) const { return of_logs(logs_of(free)); }
    /// Of logarithms of parameters and effects.
    [[nodiscard]] double of_logs(const Point& at) const {
        if (!names_.empty()) {
            return problem_.value(at);
        }
        FourParameters natural{};
        std::ranges::transform(at, natural.begin(), [](double log) { return std::exp(log); });
        return form_(rows_, natural).value;
    }

    [[nodiscard]] Point logs_of(Point free) const {
        for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
            const auto natural = pairs_[pair].parameters(free[2 * pair], free[2 * pair + 1]);
            free[2 * pair] = std::log(natural[0]);
            free[2 * pair + 1] = std::log(natural[1]);
        }
        return free;
    }
    [[nodiscard]] Point free_of(Point logs) const {
        for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
            const auto free = pairs_[pair].coordinates(std::exp(logs[2 * pair]), std::exp(logs[2 * pair + 1]));
            logs[2 * pair] = free[0];
            logs[2 * pair + 1] = free[1];
        }
        return logs;
    }
    /// Of a fit, which may be at the limit without dropout: then dropout is in the middle of its prior.
    [[nodiscard]] Point start(const PurchaseFit& fit) const {
        PurchaseDraw from{fit.model.parameters, fit.covariates.rate, fit.covariates.dropout};
        const bool at_limit = pairs_.size() > 1 && !fit.model.has_dropout();
        if (at_limit) {
            const auto middle = pairs_[1].parameters(0.0, 0.0);
            std::ranges::copy(middle, from.parameters.begin() + 2);
        }
        Point free = free_of(problem_.standardised(from));
        if (at_limit) {
            free[2] = rare;
        }
        return free;
    }
    [[nodiscard]] PurchaseDraw draw_of(const Point& free) const {
        Point natural = logs_of(free);
        Eigen::MatrixXd none;
        problem_.to_natural(natural, none);
        return drawn(natural);
    }
    /// Of logarithms of parameters at covariates of 0, and effects per unit.
    [[nodiscard]] PurchaseDraw drawn(const Point& natural) const {
        PurchaseDraw draw{{}, std::vector<double>(names_.size()), std::vector<double>(names_.size())};
        const std::size_t parameters = problem_.parameters();
        for (std::size_t i = 0; i < parameters; ++i) {
            draw.parameters[i] = std::exp(natural[i]);
        }
        for (std::size_t j = 0; j < names_.size(); ++j) {
            draw.rate_effects[j] = natural[parameters + j];
            if (problem_.moves_dropout()) {
                draw.dropout_effects[j] = natural[parameters + names_.size() + j];
            }
        }
        return draw;
    }
    /// What a new customer of mean covariates is expected to buy within twice as long as customers were observed.
    [[nodiscard]] double expected(const Point& free) const {
        const Point logs = logs_of(free);
        PurchaseModel model{law_, {}, unit_};
        for (std::size_t i = 0; i < problem_.parameters(); ++i) {
            model.parameters[i] = std::exp(logs[i]);
        }
        const double most = has_opportunities(law_) ? most_periods : HUGE_VAL;
        const double purchases = model.expected_purchases(std::min(2.0 * observed_, most));
        return std::isfinite(purchases) ? purchases : 0.0;
    }
    [[nodiscard]] std::vector<OpenEnd> open_ends_of(const PurchaseFit& fit) const {
        const Point logs = problem_.standardised({fit.model.parameters, fit.covariates.rate, fit.covariates.dropout});
        const bool known = fit.status == FitStatus::converged && names_.empty();
        return open_ends([this](const Point& at) { return likelihood(at); }, free_of(logs),
                         known ? free_covariance(logs, fit.log_covariance) : Eigen::MatrixXd());
    }
    /// Whether the normal approximation of a fit that has converged is near the likelihood.
    [[nodiscard]] bool is_normal(const PurchaseFit& fit) const {
        const std::size_t parameters = problem_.parameters();
        const std::size_t size = free_parameters(fit.model, names_.size());
        Point natural(size, 0.0);
        Eigen::MatrixXd covariance(static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
        for (std::size_t i = 0; i < size; ++i) {
            natural[i] = i < parameters                   ? std::log(fit.model.parameters[i])
                         : i < parameters + names_.size() ? fit.covariates.rate[i - parameters]
                                                          : fit.covariates.dropout[i - parameters - names_.size()];
            for (std::size_t j = 0; j < size; ++j) {
                covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
                    names_.empty() ? fit.log_covariance[i][j] : fit.covariates.covariance[i][j];
            }
        }
        return is_near_normal([&](const Point& at) { return of_logs(problem_.standardised(drawn(at))); }, natural,
                              covariance);
    }
    /// From that of the logarithms of parameters.
    [[nodiscard]] Eigen::MatrixXd free_covariance(const Point& logs, const FourByFour& of_logs) const {
        constexpr double step = 1.0e-4;
        const auto size = static_cast<Eigen::Index>(logs.size());
        Eigen::MatrixXd slope(size, size);
        Eigen::MatrixXd covariance(size, size);
        for (Eigen::Index j = 0; j < size; ++j) {
            Point moved = logs;
            moved[static_cast<std::size_t>(j)] += step;
            const Point up = free_of(moved);
            moved[static_cast<std::size_t>(j)] -= 2.0 * step;
            const Point down = free_of(moved);
            for (Eigen::Index i = 0; i < size; ++i) {
                slope(i, j) = (up[static_cast<std::size_t>(i)] - down[static_cast<std::size_t>(i)]) / (2.0 * step);
                covariance(i, j) = of_logs[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
            }
        }
        return slope * covariance * slope.transpose();
    }

    [[nodiscard]] const PurchaseProblem& problem() const noexcept { return problem_; }
    [[nodiscard]] std::size_t pairs() const noexcept { return pairs_.size(); }
    [[nodiscard]] std::vector<CoordinateWords> words() const;

  private:
    static constexpr double rare = -5.0;
    PurchaseLaw law_;
    TimeUnit unit_;
    std::vector<std::string> names_;
    PurchaseRows rows_;
    CovariateData data_;
    PurchaseProblem problem_;
    Slope (*form_)(const PurchaseRows&, const PurchaseParameters&);
    std::vector<MixedPair> pairs_;
    double observed_ = 1.0;
};

std::vector<CoordinateWords> FreePurchases::words() const {
    const auto names = law_parameters(law_);
    const auto both = [&](std::size_t first) { return fmt::format("({}, {})", names[first], names[first + 1]); };
    std::vector<CoordinateWords> words{
        {"how often customers buy " + both(0), "nobody buys again", "customers buy without end"},
        {"how much customers differ in how often they buy " + both(0), "a few buy all the time and the others never do",
         "all buy equally often"}};
    if (pairs_.size() > 1) {
        words.push_back({"how soon customers drop out " + both(2), "nobody ever drops out", "all drop out at once"});
        words.push_back({"how much customers differ in how soon they drop out " + both(2),
                         "some drop out at once and the others never do", "all are equally likely to drop out"});
    }
    for (const bool dropout : {false, true}) {
        for (std::size_t j = 0; j < names_.size() && (!dropout || problem_.moves_dropout()); ++j) {
            const std::string_view of = dropout ? "drop out" : "buy";
            words.push_back(
                {fmt::format("what {} does to how {} customers {}", names_[j], dropout ? "soon" : "often", of),
                 fmt::format("those with more of it never {}", of), fmt::format("those with less of it never {}", of)});
        }
    }
    return words;
}

/// Gamma-Gamma over its free coordinates: ln p, ln(q - 1), and the logarithm of a purchase's mean over the customers'
/// own. q is above 1, as only then there is a mean.
class FreeSpend {
  public:
    explicit FreeSpend(const PurchaseSummary& customers) : rows_(spend_rows(customers)) {}

    [[nodiscard]] double likelihood(const Point& free) const {
        return spend_log_likelihood(rows_.rows, parameters_of(free)).value;
    }
    [[nodiscard]] SpendParameters parameters_of(const Point& free) const {
        const double p = std::exp(free[0]);
        const double above = std::exp(free[1]);
        return {p, 1.0 + above, rows_.mean * std::exp(free[2]) * above / p};
    }
    [[nodiscard]] Point free_of(const SpendParameters& at) const {
        const double above = std::max(at[1] - 1.0, 1.0e-6);
        return {std::log(at[0]), std::log(above), std::log(at[0] * at[2] / above / rows_.mean)};
    }
    /// Whether the normal approximation of a fit that has converged is near the likelihood, and mean spend is finite
    /// wherever it draws.
    [[nodiscard]] bool is_normal(const SpendFit& fit) const {
        constexpr double never_drawn = 5.0;  // standard deviations
        Eigen::MatrixXd covariance(3, 3);
        Point logs;
        for (std::size_t i = 0; i < 3; ++i) {
            logs.push_back(std::log(fit.parameters[i]));
            for (std::size_t j = 0; j < 3; ++j) {
                covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = fit.log_covariance[i][j];
            }
        }
        return logs[1] > never_drawn * std::sqrt(fit.log_covariance[1][1]) &&
               is_near_normal(
                   [&](const Point& at) {
                       return spend_log_likelihood(rows_.rows, {std::exp(at[0]), std::exp(at[1]), std::exp(at[2])})
                           .value;
                   },
                   logs, covariance);
    }
    [[nodiscard]] static std::vector<CoordinateWords> words() {
        return {{"how much a customer's purchases differ in what they cost (p)", "they differ without bound",
                 "all of a customer's cost the same"},
                {"how much customers differ in what they spend (q)", "a few spend nearly everything",
                 "all spend alike on average"},
                {"what a purchase costs on average (v)", "it costs nothing", "it costs any amount"}};
    }

  private:
    SpendRows rows_;
};

/// The fit becomes the limit without dropout if that is not excluded.
void take_limit(PurchaseFit& fit, const PurchaseSummary& customers, int threads) {
    if (!traits_of(fit.model.law).drops_out() || !fit.model.has_dropout()) {
        return;
    }
    PurchaseFit limit = fit_without_dropout(customers, fit.model.law);
    const auto& names = fit.covariates.names;
    if (!names.empty()) {
        limit = fit_covariates_from(std::move(limit), customers, names, threads);
    }
    const bool moved = traits_of(fit.model.law).dropout_covariate.has_value();
    const double freed = 1.0 + (moved ? static_cast<double>(names.size()) : 0.0);
    if (fit.log_likelihood - limit.log_likelihood <= largest_loss_at_limit * freed) {
        limit.status = FitStatus::not_identified;
        fit = std::move(limit);
    }
}

constexpr std::string_view drawn_from_likelihood =
    "Simulations draw it from all values that the data allow, the limit among them, and their bands hold that";

/// The status, and a sentence for everything that is open. Standard errors of what is open are not known.
template <class Fit, class Words>
void say(Fit& fit, const std::vector<OpenEnd>& ends, const Words& words, std::string_view of) {
    if (!ends.empty() && fit.status != FitStatus::at_bound) {
        fit.status = FitStatus::not_identified;
    }
    for (const std::string& sentence : said_of(ends, words)) {
        fit.warnings.push_back(fmt::format("{}{}. {}", of, sentence, drawn_from_likelihood));
    }
    if (fit.status != FitStatus::converged && fit.warnings.empty()) {
        fit.warnings.push_back(
            fmt::format("{}the fit is {}: its standard errors are not given", of, to_string(fit.status)));
    }
}

/// Where nobody drops out, the last of x purchases lies at Beta(x, 1) of a customer's age. What to say where last
/// purchases come earlier than that, or nothing.
std::string early_last_purchases(const PurchaseSummary& customers) {
    constexpr double beyond_chance = -3.0;  // standard errors
    double repeaters = 0.0;
    double actual = 0.0;
    double expected = 0.0;
    double variance = 0.0;
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        const double weight = customers.weight.empty() ? 1.0 : customers.weight[i];
        const double x = customers.frequency[i];
        if (x > 0.0) {
            repeaters += weight;
            actual += weight * customers.recency[i] / customers.age[i];
            expected += weight * x / (x + 1.0);
            variance += weight * x / ((x + 1.0) * (x + 1.0) * (x + 2.0));
        }
    }
    if (!(actual - expected < beyond_chance * std::sqrt(variance))) {
        return {};
    }
    return fmt::format(
        "customers stop buying: last purchases come after {:.0f}% of the time since the first, where {:.0f}% is "
        "expected if "
        "nobody drops out. This law forecasts too much: choose one with dropout (fit.model)",
        100.0 * actual / repeaters, 100.0 * expected / repeaters);
}

bool has_time(const PurchaseSummary& customers) {
    return std::ranges::any_of(customers.age, [](double age) { return age > 0.0; });
}

}  // namespace

void identify(PurchaseFit& fit, const PurchaseSummary& customers, int threads) {
    fit.draws.clear();
    if (!has_time(customers)) {
        return;
    }
    take_limit(fit, customers, threads);
    if (!traits_of(fit.model.law).drops_out()) {
        if (std::string early = early_last_purchases(customers); !early.empty()) {
            fit.warnings.push_back(std::move(early));
        }
    }
    const bool drops_out = fit.model.has_dropout();
    const FreePurchases free(customers, fit, drops_out);
    const std::vector<OpenEnd> ends = free.open_ends_of(fit);
    for (const OpenEnd& end : ends) {
        if (const std::size_t pair = end.coordinate / 2; pair < free.pairs()) {
            fit.standard_errors[2 * pair] = fit.standard_errors[2 * pair + 1] = undefined;
        }
    }
    say(fit, ends, free.words(), "");
    if (fit.status == FitStatus::converged && free.is_normal(fit)) {
        return;
    }
    const FreePurchases whole(customers, fit, traits_of(fit.model.law).drops_out());
    const LikelihoodDraws draws =
        draw_from_likelihood([&](const Point& at) { return whole.likelihood(at); }, whole.start(fit),
                             [&](const Point& at) { return whole.expected(at); }, threads);
    for (const Point& at : draws.points) {
        fit.draws.push_back(whole.draw_of(at));
    }
    if (whole.pairs() > free.pairs()) {
        fit.warnings.emplace_back(
            "simulations draw dropout from all that the data allow, next to none among it, and their bands hold that");
    }
}

void identify(SpendFit& fit, const PurchaseSummary& customers, int threads) {
    fit.draws.clear();
    const FreeSpend free(customers);
    const FreeLikelihood likelihood = [&](const Point& at) { return free.likelihood(at); };
    const std::vector<OpenEnd> ends = open_ends(likelihood, free.free_of(fit.parameters), {});
    for (const OpenEnd& end : ends) {
        fit.standard_errors[end.coordinate] = undefined;
    }
    say(fit, ends, FreeSpend::words(), "spend: ");
    if (fit.status == FitStatus::converged && free.is_normal(fit)) {
        return;
    }
    const LikelihoodDraws draws = draw_from_likelihood(
        likelihood, free.free_of(fit.parameters), [](const Point& at) { return at[2]; }, threads);
    for (const Point& at : draws.points) {
        fit.draws.push_back(free.parameters_of(at));
    }
}

}  // namespace clv
