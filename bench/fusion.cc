#include "bench/fusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>
#include <opencv2/core.hpp>

namespace inlier {
namespace {

constexpr std::size_t kFolds = 5;
// 1 / variance of each weight around its prior. A candidate whose probability is one half adds a
// quarter of its squared evidence to the Hessian, which this competes with.
constexpr double kPriorPrecision = 2;
constexpr int kMostSteps = 50;
constexpr double kMostLogOdds = 12;
constexpr double kMostMargin = 6;

double Sigmoid(double x) { return 1 / (1 + std::exp(-std::clamp(x, -40.0, 40.0))); }

double Dot(const Fusion::Weights& a, const Fusion::Weights& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The scores that one method gives to the items that it lists.
class Opinion {
 public:
  explicit Opinion(const BenchAnswer& answer) {
    for (const RankedItem& item : answer.items) {
      const double score = std::clamp(item.score, -kMostLogOdds, kMostLogOdds);
      of_item_[item.id] = score;
      if (score > best_) {
        second_ = best_;
        best_ = score;
      } else {
        second_ = std::max(second_, score);
      }
      last_ = std::min(last_, score);
    }
    if (of_item_.empty()) best_ = last_ = -kMostLogOdds;
    second_ = std::max(second_, last_);
  }
  double Score(const std::string& id) const {
    const auto found = of_item_.find(id);
    return found == of_item_.end() ? last_ : found->second;
  }
  double Margin(double score) const {
    return std::clamp(score - (score >= best_ ? second_ : best_), -kMostMargin, kMostMargin);
  }

 private:
  std::unordered_map<std::string, double> of_item_;
  double best_ = -kMostLogOdds, second_ = -kMostLogOdds, last_ = kMostLogOdds;
};

// What Fit maximises: the log of the posterior, up to a constant.
double LogPosterior(const Fusion::Weights& weights, const Fusion::Weights& prior,
                    std::span<const Fusion::Candidate> candidates) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    sum -= kPriorPrecision / 2 * (weights[i] - prior[i]) * (weights[i] - prior[i]);
  for (const Fusion::Candidate& c : candidates) {
    const double z = Dot(weights, c.evidence);
    sum += (c.right ? z : 0) - (z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)));
  }
  return sum;
}

// The inverse Hessian of the negative log-posterior times the gradient of the log-posterior.
Fusion::Weights NewtonStep(const Fusion::Weights& weights, const Fusion::Weights& prior,
                           std::span<const Fusion::Candidate> candidates) {
  const int n = static_cast<int>(weights.size());
  cv::Mat hessian = cv::Mat::eye(n, n, CV_64F) * kPriorPrecision;
  cv::Mat gradient(n, 1, CV_64F);
  for (int i = 0; i < n; ++i) {
    const auto w = static_cast<std::size_t>(i);
    gradient.at<double>(i) = -kPriorPrecision * (weights[w] - prior[w]);
  }
  for (const Fusion::Candidate& c : candidates) {
    const double p = Sigmoid(Dot(weights, c.evidence));
    for (int i = 0; i < n; ++i) {
      const double x = c.evidence[static_cast<std::size_t>(i)];
      gradient.at<double>(i) += x * ((c.right ? 1 : 0) - p);
      for (int j = 0; j < n; ++j)
        hessian.at<double>(i, j) += x * c.evidence[static_cast<std::size_t>(j)] * p * (1 - p);
    }
  }
  const cv::Mat change = hessian.inv(cv::DECOMP_CHOLESKY) * gradient;
  return {change.begin<double>(), change.end<double>()};
}

Point Centre(const std::vector<Point>& outline) {
  Point centre;
  for (const Point& p : outline) {
    centre.x_px += p.x_px / static_cast<float>(outline.size());
    centre.y_px += p.y_px / static_cast<float>(outline.size());
  }
  return centre;
}

// The even-odd rule.
bool Inside(const std::vector<Point>& outline, Point p) {
  bool inside = false;
  for (std::size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
    const Point &a = outline[i], &b = outline[j];
    if ((a.y_px > p.y_px) != (b.y_px > p.y_px) &&
        p.x_px < (b.x_px - a.x_px) * (p.y_px - a.y_px) / (b.y_px - a.y_px) + a.x_px)
      inside = !inside;
  }
  return inside;
}

bool SamePlace(const RankedItem& a, const RankedItem& b) {
  if (a.outline.empty() || b.outline.empty()) return true;
  return Inside(a.outline, Centre(b.outline)) || Inside(b.outline, Centre(a.outline));
}

using Candidates = std::vector<Fusion::Candidate>;

// The fold of each photo. Photos of one item are in the same fold; a photo of nothing counts as an
// item of its own.
std::vector<std::size_t> FoldsOf(std::span<const Truth> truths) {
  std::map<std::string, std::size_t> folds;
  std::vector<std::size_t> fold_of(truths.size());
  for (std::size_t i = 0; i < truths.size(); ++i) {
    const std::string item =
        truths[i].relevant.empty() ? fmt::format("\n{}", i) : truths[i].relevant.front();
    fold_of[i] = folds.try_emplace(item, folds.size() % kFolds).first->second;
  }
  return fold_of;
}

}  // namespace

Fusion::Fusion(std::size_t methods) : weights_(2 + 2 * methods) { weights_[2] = 1; }

Fusion Fusion::Fit(std::size_t methods, std::span<const Candidate> candidates) {
  const Fusion prior(methods);
  Fusion fit(methods);
  double height = LogPosterior(fit.weights_, prior.weights_, candidates);
  for (int step = 0; step < kMostSteps; ++step) {
    const Weights change = NewtonStep(fit.weights_, prior.weights_, candidates);
    // A whole step may go far beyond the maximum: thousands of wrong items and few right ones are
    // nearly separable.
    bool risen = false;
    for (double share = 1; share > 1e-6 && !risen; share /= 2) {
      Weights next = fit.weights_;
      for (std::size_t i = 0; i < next.size(); ++i) next[i] += share * change[i];
      const double reached = LogPosterior(next, prior.weights_, candidates);
      risen = reached > height;
      if (risen) {
        fit.weights_ = next;
        height = reached;
      }
    }
    if (!risen) break;
  }
  return fit;
}

std::vector<std::pair<RankedItem, Fusion::Weights>> Fusion::Evidence(const Answers& answers) {
  std::vector<Opinion> opinions;
  for (const BenchAnswer* answer : answers) opinions.emplace_back(*answer);
  std::vector<std::pair<RankedItem, Weights>> items;
  std::unordered_map<std::string, std::size_t> places;
  for (const BenchAnswer* answer : answers) {
    for (const RankedItem& item : answer->items) {
      const auto [place, fresh] = places.try_emplace(item.id, items.size());
      if (!fresh) {
        RankedItem& known = items[place->second].first;
        if (known.outline.empty()) known.outline = item.outline;
        continue;
      }
      const bool verified = answer == answers.front() && item.inliers > 0;
      Weights evidence{1, verified ? 1.0 : 0.0};
      for (const Opinion& opinion : opinions) {
        const double score = opinion.Score(item.id);
        evidence.insert(evidence.end(), {score, opinion.Margin(score)});
      }
      items.emplace_back(item, std::move(evidence));
    }
  }
  return items;
}

BenchAnswer Fusion::Fuse(const Answers& answers, double accept_probability) const {
  const BenchAnswer& classical = *answers.front();
  BenchAnswer fused{.wall_ms = classical.wall_ms, .cpu = classical.cpu, .error = classical.error};
  for (const BenchAnswer* other : std::span(answers).subspan(1)) {
    if (fused.error.empty()) fused.error = other->error;
    fused.wall_ms += other->wall_ms - other->cpu.decode_ms;
    fused.cpu.extract_ms += other->cpu.extract_ms;
    fused.cpu.shortlist_ms += other->cpu.shortlist_ms;
    fused.cpu.verify_ms += other->cpu.verify_ms;
    fused.cpu.total_ms += other->cpu.total_ms - other->cpu.decode_ms;
  }
  for (auto& [item, evidence] : Evidence(answers)) {
    item.score = Dot(weights_, evidence);
    item.probability = Sigmoid(item.score);
    fused.items.push_back(std::move(item));
  }
  std::stable_sort(fused.items.begin(), fused.items.end(),
                   [](const RankedItem& a, const RankedItem& b) { return a.score > b.score; });
  for (std::size_t i = 0; i < fused.items.size(); ++i) {
    RankedItem& item = fused.items[i];
    item.accepted =
        item.probability >= accept_probability &&
        std::none_of(fused.items.begin(), fused.items.begin() + static_cast<std::ptrdiff_t>(i),
                     [&item](const RankedItem& better) {
                       return better.accepted && SamePlace(better, item);
                     });
  }
  std::stable_sort(
      fused.items.begin(), fused.items.end(),
      [](const RankedItem& a, const RankedItem& b) { return a.accepted > b.accepted; });
  return fused;
}

namespace {

// The answers of all methods to a photo, unless one of them has none or has failed.
std::optional<Fusion::Answers> AnswersTo(std::span<const MethodAnswers* const> methods,
                                         std::size_t photo, std::size_t setting, bool with_errors) {
  Fusion::Answers answers;
  for (const MethodAnswers* method : methods) {
    const auto& answer = method->photos[photo][setting];
    if (!answer || (!answer->error.empty() && !with_errors)) return std::nullopt;
    answers.push_back(&*answer);
  }
  return answers;
}

}  // namespace

FusedAnswers FuseInFolds(std::span<const MethodAnswers* const> methods,
                         std::span<const Truth> truths,
                         const std::function<bool(std::size_t, const std::string&)>& in_doubt,
                         double accept_probability) {
  const std::vector<std::size_t> fold_of = FoldsOf(truths);
  std::array<Candidates, kFolds> seen;
  constexpr std::array kFittedOn = {Setting::kJoint, Setting::kLeftOut};
  for (std::size_t i = 0; i < truths.size(); ++i) {
    for (const Setting setting : kFittedOn) {
      const auto answers = AnswersTo(methods, i, static_cast<std::size_t>(setting), false);
      if (!answers) continue;
      for (const auto& [item, evidence] : Fusion::Evidence(*answers)) {
        const auto& relevant = truths[i].relevant;
        const bool right = std::find(relevant.begin(), relevant.end(), item.id) != relevant.end();
        if (right || !in_doubt(i, item.id)) seen[fold_of[i]].push_back({evidence, right});
      }
    }
  }
  std::vector<Fusion> fits;  // each on the other folds
  Candidates all;
  for (std::size_t f = 0; f < kFolds; ++f) {
    Candidates others;
    for (std::size_t g = 0; g < kFolds; ++g) {
      if (g != f) others.insert(others.end(), seen[g].begin(), seen[g].end());
    }
    fits.push_back(Fusion::Fit(methods.size(), others));
    all.insert(all.end(), seen[f].begin(), seen[f].end());
  }
  FusedAnswers fused{.answers = {}, .all = Fusion::Fit(methods.size(), all)};
  fused.answers.photos.resize(truths.size());
  for (std::size_t i = 0; i < truths.size(); ++i) {
    for (std::size_t s = 0; s < fused.answers.photos[i].size(); ++s) {
      if (const auto answers = AnswersTo(methods, i, s, true))
        fused.answers.photos[i][s] = fits[fold_of[i]].Fuse(*answers, accept_probability);
    }
  }
  return fused;
}

}  // namespace inlier
