#include "bench/session.h"

#include <fmt/format.h>

#include "bench/given_answers.h"
#include "bench/methods.h"
#include "core/blob.h"
#include "core/image.h"

namespace inlier {
namespace {

constexpr std::int64_t kMaxAnswerBytes = std::int64_t{4} << 30;
constexpr int kAnswersVersion = 1;  // raise it when the same options give other answers

}  // namespace

Result<const BenchMethod*> BenchSession::Open(const std::string& method) {
  auto& opened = open_[method];
  if (!opened) {
    INLIER_ASSIGN_OR_RETURN(opened, OpenMethod(options, gallery, data_hash, method));
    options_of[method] = opened->options();
  }
  return opened.get();
}

std::string BenchSession::Fingerprint(const std::string& method) const {
  const auto of_method = OptionsOfMethod(options, method);
  std::string given;
  if (const auto* file = GivenAnswersOf(options, method)) {
    const auto bytes = ReadFileBytes(*file, kMaxAnswerBytes);
    given = bytes ? ContentHash(*bytes) : "unreadable";
  }
  const std::string text =
      fmt::format("{} {} {} {} {}", kAnswersVersion, method, of_method ? ToJson(*of_method) : given,
                  data_hash, IsReferenceMethod(method) ? options.reference_photos : 0);
  return fmt::format("{:016x}", Hash64(text));
}

}  // namespace inlier
