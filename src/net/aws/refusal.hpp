#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// AWS answered that it will not do it, or was not reached.
class AwsError : public Error {
public:
    AwsError(ErrorKind kind, const std::string& message, std::string code, std::string words,
             boost::json::object answer = {})
        : Error(kind, message),
          code_(std::move(code)),
          words_(std::move(words)),
          answer_(std::move(answer)) {}
    /// Such as `ClientException`, without a namespace. Empty: AWS gave none, or it was not AWS that answered.
    [[nodiscard]] const std::string& code() const { return code_; }
    /// What AWS said.
    [[nodiscard]] const std::string& words() const { return words_; }
    /// All of the answer, where it is JSON.
    [[nodiscard]] const boost::json::object& answer() const { return answer_; }
    [[nodiscard]] bool is_denied() const;
    /// AWS does not know these credentials, or no more.
    [[nodiscard]] bool is_expired() const;
    /// It is throttled, also where one service of AWS was by another, or in the way of another call: the same
    /// call may do a little later.
    [[nodiscard]] bool is_momentary() const;

private:
    std::string code_;
    std::string words_;
    boost::json::object answer_;
};

/// What an answer of AWS other than 2xx says.
struct AwsRefusal {
    std::string code;     ///< as `AwsError::code`
    std::string words{};  ///< for people
    std::string id{};     ///< of the request, by which AWS finds it
    boost::json::object answer{};

    /// `CODE: WORDS (request ID)`
    [[nodiscard]] std::string text() const;
};
[[nodiscard]] AwsRefusal refusal_in(const HttpResponse& response);

/// The error that an answer other than 2xx is. `action`: what was asked for, such as `ecs:RunTask`.
[[nodiscard]] AwsError error_of(const std::string& action, const HttpResponse& response);

}  // namespace flotilla
