#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/blob.h"
#include "core/result.h"

// Turns structures into bytes and back. A structure lists its members once, for both directions:
//
//   template <> struct Members<Pair> {
//     static auto Of(auto& m) { return std::tie(m.first, m.second); }
//   };

namespace inlier::shards {

template <class T>
struct Members;

/// True for structures without padding, whose vectors are copied as they lie in memory.
template <class T>
inline constexpr bool kIsPlain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type {};

template <class T>
void Put(BlobWriter& to, const T& value) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    to.Put(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    to.PutBytes(value);
  } else if constexpr (IsPair<T>::value) {
    Put(to, value.first);
    Put(to, value.second);
  } else if constexpr (IsVector<T>::value) {
    using Element = typename T::value_type;
    if constexpr (kIsPlain<Element>) {
      to.PutArray(std::span<const Element>(value));
    } else {
      to.Put<std::uint64_t>(value.size());
      for (const Element& element : value) Put(to, element);
    }
  } else {
    std::apply([&to](const auto&... members) { (Put(to, members), ...); }, Members<T>::Of(value));
  }
}

template <class T>
void Get(BlobReader& from, T& value) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    value = from.Get<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = from.GetBytes();
  } else if constexpr (IsPair<T>::value) {
    Get(from, value.first);
    Get(from, value.second);
  } else if constexpr (IsVector<T>::value) {
    using Element = typename T::value_type;
    if constexpr (kIsPlain<Element>) {
      value = from.GetArray<Element>();
    } else {
      // A count that the bytes cannot hold ends with them, since a read past the end fails.
      const auto count = from.Get<std::uint64_t>();
      value.clear();
      for (std::uint64_t i = 0; i < count && from.ok(); ++i) Get(from, value.emplace_back());
    }
  } else {
    std::apply([&from](auto&... members) { (Get(from, members), ...); }, Members<T>::Of(value));
  }
}

template <class T>
std::string ToBytes(const T& value, std::string_view magic, std::uint16_t version) {
  BlobWriter writer;
  Put(writer, value);
  return writer.Seal(magic, version);
}

/// Errors: kCorrupt, kIncompatible. `what` names the bytes in messages.
template <class T>
Result<T> FromBytes(std::string_view bytes, std::string_view magic, std::uint16_t version,
                    std::string_view what) {
  INLIER_ASSIGN_OR_RETURN(BlobReader reader, BlobReader::Open(bytes, magic, version, what));
  T value{};
  Get(reader, value);
  if (!reader.Complete())
    return Fail(ErrorCode::kCorrupt, std::string(what) + ": fields do not add up");
  return value;
}

}  // namespace inlier::shards
