#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inlier {

/// How many bytes at the start of `text` are whole characters of UTF-8.
std::size_t ValidUtf8Bytes(std::string_view text);

bool IsAscii(std::string_view text);

/// The text in normal form C, in which letters that print alike have the same bytes. Text that is
/// not UTF-8 comes back as it is.
std::string ComposedForm(std::string_view text);

/// The same without regard to case.
std::string FoldedForm(std::string_view text);

/// Without the spaces at both ends, also those that are not ASCII: a no-break space or a byte order
/// mark would make an id that prints like another.
std::string_view TrimSpaces(std::string_view text);

/// The text with each byte that is not UTF-8 as \xHH, and with the backslash of a \xHH that is
/// there already as \x5C, so that two texts never become one.
std::string EscapedForm(std::string_view text);

/// The text of which `escaped` is the escaped form.
std::string UnescapedForm(std::string_view escaped);

}  // namespace inlier
