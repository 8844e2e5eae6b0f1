#include "ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "clv/core/parallel.hpp"
#include "clv/risk/resampled.hpp"

namespace clv {

namespace {

/// Resamples of learning, out of reach of those that score it.
constexpr std::uint32_t first_resample = 0x500000;
/// One in so many customers of a fold's training decides when boosting stops.
constexpr std::size_t held_out_share = 5;

BoosterSettings booster_settings(const LearningTask& task, std::size_t model) {
    BoosterSettings booster;
    booster.family = task.family;
    booster.rounds = task.settings.rounds;
    booster.depth = task.settings.depth;
    booster.learning_rate = task.settings.learning_rate;
    booster.subsample = task.settings.subsample;
    booster.seed = static_cast<std::uint32_t>(task.settings.seed * 0x9e3779b9U + model);
    return booster;
}

template <class Keep>
TrainingRows picked(const TrainingRows& rows, Keep keep) {
    TrainingRows chosen;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (keep(i)) {
            chosen.rows.push_back(rows.rows[i]);
            chosen.outcome.push_back(rows.outcome[i]);
            if (!rows.offset.empty()) {
                chosen.offset.push_back(rows.offset[i]);
            }
        }
    }
    return chosen;
}

/// Boosting stops where it is best on customers that were held out, and is then repeated with them.
Booster boost_fold(const LearningTask& task, std::size_t fold) {
    const auto in_training = [&](std::size_t i) { return task.folds[i] != fold; };
    const auto held_out = [&](std::size_t i) { return (task.id_hash[task.rows.rows[i]] >> 32) % held_out_share == 0; };
    const TrainingRows training = picked(task.rows, in_training);
    const TrainingRows early = picked(task.rows, [&](std::size_t i) { return in_training(i) && !held_out(i); });
    const TrainingRows late = picked(task.rows, [&](std::size_t i) { return in_training(i) && held_out(i); });
    BoosterSettings settings = booster_settings(task, fold);
    if (early.size() > 0 && late.size() > 0) {
        settings.rounds = Booster::train(task.matrix, task.columns, early, settings, &late).rounds();
    }
    return Booster::train(task.matrix, task.columns, training, settings);
}

void calibrate_folds(const LearningTask& task, OutOfFold& found) {
    const std::vector<double> raw = found.scores;
    const std::size_t size = task.rows.size();
    std::vector<std::uint8_t> used(size, 1);
    found.calibration = calibrate(task.family, raw, task.rows, used);
    for (std::size_t fold = 0; fold < found.models.size(); ++fold) {
        for (std::size_t i = 0; i < size; ++i) {
            used[i] = task.folds[i] != fold ? 1 : 0;
        }
        found.calibrations.push_back(calibrate(task.family, raw, task.rows, used));
    }
    for (std::size_t i = 0; i < size; ++i) {
        found.scores[i] = found.calibrations[task.folds[i]](raw[i]);
        const double offset = task.rows.offset.empty() ? 0.0 : static_cast<double>(task.rows.offset[i]);
        found.loss += loss_at(task.family, found.scores[i] + offset, static_cast<double>(task.rows.outcome[i]));
    }
    found.loss /= static_cast<double>(size);
}

OutOfFold fit_kind(const LearningTask& task, LearnAlgorithm algorithm, Progress& progress) {
    const auto folds = static_cast<std::size_t>(task.settings.folds);
    OutOfFold found;
    found.algorithm = algorithm;
    found.models.resize(folds);
    found.scores.resize(task.rows.size());
    for_each_block(task.threads, folds, [&](std::size_t /*slot*/, std::size_t fold) {
        throw_if_interrupted();
        if (algorithm == LearnAlgorithm::boosting) {
            found.models[fold] = boost_fold(task, fold);
        } else {
            found.models[fold] =
                fit_ridge(task.matrix, task.columns,
                          picked(task.rows, [&](std::size_t i) { return task.folds[i] != fold; }), task.family);
        }
        std::vector<std::size_t> places;
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < task.rows.size(); ++i) {
            if (task.folds[i] == fold) {
                places.push_back(i);
                rows.push_back(task.rows.rows[i]);
            }
        }
        const std::vector<double> of_fold = scores(found.models[fold], rows_of(task.matrix, rows));
        for (std::size_t k = 0; k < places.size(); ++k) {
            found.scores[places[k]] = of_fold[k];
        }
        progress.advance(1);
    });
    calibrate_folds(task, found);
    return found;
}

/// By Newton's steps, with the slope free or 0. A prior of one customer's information that calibration changes nothing
/// keeps what separates outcomes finite.
Calibration calibrated(Family family, std::span<const double> scores, const TrainingRows& rows,
                       std::span<const std::uint8_t> used, bool is_sloped) {
    Calibration at{0.0, is_sloped ? 1.0 : 0.0};
    for (int step = 0; step < 100; ++step) {
        double slopes[2] = {-at.intercept, is_sloped ? 1.0 - at.slope : 0.0};
        double curvature[3] = {1.0, 0.0, 1.0};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (used[i] == 0) {
                continue;
            }
            const double offset = rows.offset.empty() ? 0.0 : static_cast<double>(rows.offset[i]);
            const double mean = mean_at(family, at(scores[i]) + offset);
            const double residual = static_cast<double>(rows.outcome[i]) - mean;
            const double weight = family == Family::bernoulli ? mean * (1.0 - mean) : mean;
            slopes[0] += residual;
            curvature[0] += weight;
            if (is_sloped) {
                slopes[1] += residual * scores[i];
                curvature[1] += weight * scores[i];
                curvature[2] += weight * scores[i] * scores[i];
            }
        }
        const double determinant = curvature[0] * curvature[2] - curvature[1] * curvature[1];
        const double longest = 2.0;
        const auto bounded = [&](double move) { return std::clamp(move, -longest, longest); };
        const double intercept = bounded((curvature[2] * slopes[0] - curvature[1] * slopes[1]) / determinant);
        const double slope = bounded((curvature[0] * slopes[1] - curvature[1] * slopes[0]) / determinant);
        at.intercept += intercept;
        at.slope += slope;
        if (std::abs(intercept) + std::abs(slope) < 1e-10) {
            break;
        }
    }
    return at;
}

}  // namespace

double mean_at(Family family, double score) {
    return family == Family::bernoulli ? 1.0 / (1.0 + std::exp(-score)) : std::exp(std::clamp(score, -60.0, 60.0));
}

double loss_at(Family family, double score, double outcome) {
    if (family == Family::bernoulli) {
        return (score > 0.0 ? score + std::log1p(std::exp(-score)) : std::log1p(std::exp(score))) - outcome * score;
    }
    return std::exp(std::clamp(score, -50.0, 30.0)) - outcome * score;  // no step of a search may overflow
}

Calibration calibrate(Family family, std::span<const double> scores, const TrainingRows& rows,
                      std::span<const std::uint8_t> used) {
    const Calibration found = calibrated(family, scores, rows, used, true);
    return found.slope >= 0.0 ? found : calibrated(family, scores, rows, used, false);
}

std::vector<OutOfFold> fit_folds(const LearningTask& task, LearnAlgorithm algorithm, Progress& progress) {
    std::vector<LearnAlgorithm> algorithms{algorithm};
    if (algorithm == LearnAlgorithm::best) {
        algorithms = {LearnAlgorithm::boosting, LearnAlgorithm::logistic};
    }
    progress.begin("learning", algorithms.size() * static_cast<std::size_t>(task.settings.folds));
    std::vector<OutOfFold> found;
    for (const LearnAlgorithm kind : algorithms) {
        found.push_back(fit_kind(task, kind, progress));
    }
    progress.end();
    if (found.size() == 2 && !(found[0].loss < found[1].loss)) {
        std::swap(found[0], found[1]);
    }
    return found;
}

Ensemble fit_ensemble(const LearningTask& task, OutOfFold best, std::size_t resamples, Progress& progress) {
    Ensemble ensemble{task.family, task.columns,    std::move(best.models), std::move(best.calibrations),
                      {},          best.calibration};
    ensemble.resamples.resize(resamples);
    std::vector<int> rounds;
    for (const ScoreModel& model : ensemble.folds) {
        if (const auto* booster = std::get_if<Booster>(&model)) {
            rounds.push_back(booster->rounds());
        }
    }
    std::ranges::sort(rounds);
    progress.begin("learning from resamples", resamples);
    for_each_block(task.threads, resamples, [&](std::size_t /*slot*/, std::size_t draw) {
        throw_if_interrupted();
        std::vector<Times> times(task.rows.size());
        draw_customers(task.settings.seed, first_resample + static_cast<std::uint32_t>(draw), times);
        TrainingRows drawn = picked(task.rows, [&](std::size_t i) { return times[i] != 0; });
        for (const Times count : times) {
            if (count != 0) {
                drawn.weight.push_back(static_cast<float>(count));
            }
        }
        if (best.algorithm == LearnAlgorithm::boosting) {
            BoosterSettings settings = booster_settings(task, ensemble.folds.size() + draw);
            settings.rounds = rounds[rounds.size() / 2];
            ensemble.resamples[draw] = Booster::train(task.matrix, task.columns, drawn, settings);
        } else {
            ensemble.resamples[draw] = fit_ridge(task.matrix, task.columns, drawn, task.family);
        }
        progress.advance(1);
    });
    progress.end();
    return ensemble;
}

}  // namespace clv
