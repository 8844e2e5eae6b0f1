#pragma once
// How the documents of a run are read: every member by name, with its type and range, and whatever is not as it should
// be named with its place.

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clv {

/// The members of an object, which must outlive it. `place` stands for it in messages; empty: the document itself.
class Members {
  public:
    using Json = nlohmann::ordered_json;

    /// Throws InputError if it is no object.
    explicit Members(const Json& object, std::string place = "");

    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    /// Whether a member is there and not null.
    [[nodiscard]] bool has(std::string_view member) const;
    /// Throws InputError if it is not there.
    [[nodiscard]] const Json& at(std::string_view member) const;

    [[nodiscard]] std::string text(std::string_view member) const;
    [[nodiscard]] bool boolean(std::string_view member) const;
    /// What can name a file: a text without a NUL character, at which the system would end it.
    [[nodiscard]] std::string file(std::string_view member) const;
    /// A finite number.
    [[nodiscard]] double number(std::string_view member) const;
    /// A number from `low` to `high`.
    [[nodiscard]] double number_within(std::string_view member, double low, double high) const;
    /// A whole number from `low` to `high`.
    [[nodiscard]] std::uint64_t whole(std::string_view member, std::uint64_t low = 0,
                                      std::uint64_t high = std::numeric_limits<std::int64_t>::max()) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view member) const;
    [[nodiscard]] std::vector<std::uint64_t> counts(std::string_view member) const;
    /// Finite numbers that are not negative.
    [[nodiscard]] std::vector<double> amounts(std::string_view member) const;
    /// The entries of a list.
    [[nodiscard]] const Json& list(std::string_view member) const;
    [[nodiscard]] Members inner(std::string_view member) const;
    /// The objects of a list.
    [[nodiscard]] std::vector<Members> objects(std::string_view member) const;

    /// Throws InputError: "member PLACE.MEMBER PROBLEM".
    [[noreturn]] void refuse(std::string_view member, std::string_view problem) const;

  private:
    [[nodiscard]] std::string place_of(std::string_view member) const;

    const Json& object_;
    std::string place_;
};

/// What a member is where it is there, by one of the functions above.
template <class Read>
[[nodiscard]] auto if_there(const Members& members, std::string_view member, Read read)
    -> std::optional<decltype((members.*read)(member))> {
    return members.has(member) ? std::optional((members.*read)(member)) : std::nullopt;
}

}  // namespace clv
