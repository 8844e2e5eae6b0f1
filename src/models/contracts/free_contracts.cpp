#include "free_contracts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "models/likelihood/free_coordinates.hpp"
#include "models/likelihood/likelihood_draws.hpp"

namespace clv {
namespace {

/// A problem over its free coordinates: ln of the odds alpha / beta and ln(alpha + beta) at usual covariates, so that a
/// rare level of which little is known leaves them alone, ln c, and of every covariate, over a standard deviation, what
/// it adds to ln alpha - ln beta and to the mean of the two.
class FreeContracts {
  public:
    explicit FreeContracts(const ContractProblem& problem) : problem_(problem) {}

    [[nodiscard]] Point coordinates_of(Point free) const {
        const auto [alpha, beta] = chance.parameters(free[0], free[1]);
        free[0] = std::log(alpha);
        free[1] = std::log(beta);
        for (std::size_t j = 0; j < problem_.covariates(); ++j) {
            const auto [first, second] = places(j);
            const double odds = free[first];
            const double both = free[second];
            free[first] = both + 0.5 * odds;
            free[second] = both - 0.5 * odds;
            free[0] -= free[first] * problem_.usual()[j];
            free[1] -= free[second] * problem_.usual()[j];
        }
        return free;
    }
    [[nodiscard]] Point free_of(Point at) const {
        for (std::size_t j = 0; j < problem_.covariates(); ++j) {
            const auto [first, second] = places(j);
            const double of_alpha = at[first];
            const double of_beta = at[second];
            at[0] += of_alpha * problem_.usual()[j];
            at[1] += of_beta * problem_.usual()[j];
            at[first] = of_alpha - of_beta;
            at[second] = 0.5 * (of_alpha + of_beta);
        }
        const auto pair = chance.coordinates(std::exp(at[0]), std::exp(at[1]));
        at[0] = pair[0];
        at[1] = pair[1];
        return at;
    }
    /// From that of the problem's coordinates. Only those of the usual are no linear map.
    [[nodiscard]] Eigen::MatrixXd free_covariance(const Point& at, const Eigen::MatrixXd& covariance) const {
        const Point free = free_of(at);
        const double share = 1.0 / (1.0 + std::exp(-free[0]));  // alpha / (alpha + beta)
        Eigen::MatrixXd slope = Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols());
        slope.topLeftCorner(2, 2) << 1.0, -1.0, share, 1.0 - share;
        for (std::size_t j = 0; j < problem_.covariates(); ++j) {
            const auto [first, second] = places(j);
            const auto a = static_cast<Eigen::Index>(first);
            const auto b = static_cast<Eigen::Index>(second);
            const double usual = problem_.usual()[j];
            slope(0, a) = usual;
            slope(0, b) = -usual;
            slope(1, a) = share * usual;
            slope(1, b) = (1.0 - share) * usual;
            slope(a, b) = -1.0;
            slope(b, a) = slope(b, b) = 0.5;
        }
        return slope * covariance * slope.transpose();
    }
    [[nodiscard]] double likelihood(const Point& free) const { return problem_.value(coordinates_of(free)); }
    /// Of those with mean covariates, the coordinates' origin.
    [[nodiscard]] double survival(const Point& free, int periods) const {
        Point logs = coordinates_of(free);
        logs.resize(problem_.parameters());
        return std::exp(-contract_at(problem_.law(), logs, {}).cumulative_hazard(0, periods));
    }
    [[nodiscard]] std::vector<CoordinateWords> words(const std::vector<std::string>& names) const;
    /// The covariate that a coordinate is of, if it is of one.
    [[nodiscard]] std::size_t covariate_of(std::size_t coordinate) const {
        return (coordinate - problem_.parameters()) % problem_.covariates();
    }

  private:
    [[nodiscard]] std::pair<std::size_t, std::size_t> places(std::size_t covariate) const {
        const std::size_t first = problem_.parameters() + covariate;
        return {first, first + problem_.covariates()};
    }

    static constexpr MixedPair chance{Mixture::beta};
    const ContractProblem& problem_;
};

std::vector<CoordinateWords> FreeContracts::words(const std::vector<std::string>& names) const {
    std::vector<CoordinateWords> words{
        {"how likely customers are to leave (alpha, beta)", "nobody ever leaves", "all leave at once"},
        {"how much customers differ in how likely they are to leave (alpha, beta)",
         "some leave at once and the others never do", "all are equally likely to leave"}};
    if (problem_.law() == ContractLaw::bdw) {
        words.push_back({"how a customer's own churn changes with time (c)", "nobody leaves after the first period",
                         "all leave in the second period"});
    }
    for (const std::string& name : names) {
        words.push_back({fmt::format("what {} does to how likely customers are to leave", name),
                         "those with more of it never leave", "those with less of it never leave"});
    }
    for (const std::string& name : names) {
        words.push_back({fmt::format("what {} does to how much customers differ in how likely they are to leave", name),
                         "of those with more of it some leave at once and the others never do",
                         "those with more of it are all equally likely to leave"});
    }
    return words;
}

/// Standard errors of what is open are not known.
void forget_errors(ContractFit& fit, const std::vector<OpenEnd>& ends, const FreeContracts& free,
                   std::size_t parameters) {
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    for (const OpenEnd& end : ends) {
        if (end.coordinate < 2) {
            fit.standard_errors[0] = fit.standard_errors[1] = undefined;
        } else if (end.coordinate < parameters) {
            fit.standard_errors[end.coordinate] = undefined;
        } else {
            const std::size_t covariate = free.covariate_of(end.coordinate);
            fit.effects.alpha_se[covariate] = fit.effects.beta_se[covariate] = undefined;
        }
    }
}

}  // namespace

void identify(ContractFit& fit, const ContractProblem& problem, const Point& at, const Eigen::MatrixXd& covariance,
              int periods) {
    const FreeContracts free(problem);
    const FreeLikelihood likelihood = [&](const Point& point) { return free.likelihood(point); };
    const std::vector<OpenEnd> ends = open_ends(likelihood, free.free_of(at), free.free_covariance(at, covariance));
    forget_errors(fit, ends, free, problem.parameters());
    if (!ends.empty() && fit.status != FitStatus::at_bound) {
        fit.status = FitStatus::not_identified;
    }
    constexpr std::string_view drawn =
        "Simulations draw it from all values that the data allow, the limit among them, and their bands hold that";
    for (const std::string& sentence : said_of(ends, free.words(effect_names(fit.effects.columns)))) {
        fit.warnings.push_back(fmt::format("{}. {}", sentence, drawn));
    }
    if (fit.status != FitStatus::converged && fit.warnings.empty()) {
        fit.warnings.push_back(fmt::format("the fit is {}: its standard errors are not given", to_string(fit.status)));
    }
    if (fit.status == FitStatus::converged &&
        is_near_normal([&](const Point& point) { return problem.value(point); }, at, covariance)) {
        return;
    }
    const LikelihoodDraws draws = draw_from_likelihood(
        likelihood, free.free_of(at), [&](const Point& point) { return free.survival(point, periods); }, 1);
    for (const Point& point : draws.points) {
        Point natural = free.coordinates_of(point);
        Eigen::MatrixXd none;
        problem.to_natural(natural, none);
        fit.effects.draws.push_back(std::move(natural));
    }
}

}  // namespace clv
