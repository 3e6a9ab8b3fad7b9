#include "net/aws/refusal.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <boost/json.hpp>

#include "net/aws/json_fields.hpp"
#include "net/aws/xml_text.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool says_any(const std::string& words, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return words.find(part) != std::string::npos; });
}

/// What comes after `mark`, up to one of `ends`; empty if there is none.
std::string after(const std::string& words, std::string_view mark, const char* ends) {
    const auto at = words.find(mark);
    if (at == std::string::npos) {
        return "";
    }
    const auto begin = at + mark.size();
    return words.substr(begin, words.find_first_of(ends, begin) - begin);
}

bool is_throttling(std::string_view code) {
    return is_one_of(code, {"ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled",
                            "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
                            "LimitExceededException", "SlowDown"});
}

/// The code of a refusal that one service had from another and passes on, as ECS does with those of EC2:
/// `... (Service: AmazonEC2; Status Code: 503; Error Code: RequestLimitExceeded; ...)`; empty if there is
/// none.
std::string passed_on_code(const std::string& words) {
    const std::string code = after(words, "Error Code: ", ";,) ");
    return code.empty() ? after(words, "ErrorCode: ", ";,) ") : code;
}

/// Whether it is about the clock of this host, or the way it signs, and not about what is asked.
bool is_of_the_sender(const std::string& code) {
    return is_one_of(code, {"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature",
                            "MissingAuthenticationToken"});
}

/// `action` as a policy names it. Who may do one may do a batch:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api.html
std::string action_of_policy(const std::string& action) {
    constexpr std::string_view batch = "Batch";
    const bool is_batch = action.starts_with("sqs:") && action.ends_with(batch);
    return action.substr(0, action.size() - (is_batch ? batch.size() : 0));
}

/// The action that AWS says is missing may be another than the one that was asked for (`iam:PassRole`).
AwsError denial(const std::string& action, const AwsRefusal& refusal) {
    const std::string asked = action_of_policy(action);
    const std::string named = after(refusal.words, "not authorized to perform: ", " ,");
    return {ErrorKind::unavailable,
            fmt::format("AWS denies {}: add the action {} to the policy of these credentials{}{}{}", asked,
                        named.empty() ? asked : named, refusal.words.empty() ? "" : "; AWS says: ",
                        refusal.words, refusal.id.empty() ? "" : fmt::format(" (request {})", refusal.id)),
            refusal.code, refusal.words};
}

}  // namespace

bool AwsError::is_denied() const {
    return is_one_of(
        code_, {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AuthorizationError"});
}

bool AwsError::is_expired() const {
    return is_one_of(code_, {"ExpiredTokenException", "ExpiredToken", "RequestExpired",
                             "UnrecognizedClientException", "InvalidClientTokenId"});
}

bool AwsError::is_momentary() const {
    return is_throttling(code_) || is_throttling(passed_on_code(words_)) ||
           says_any(words_, {"Rate exceeded", "Request limit exceeded", "Too many concurrent attempts"});
}

std::string AwsRefusal::text() const {
    return fmt::format("{}{}{}{}", code, words.empty() ? "" : ": ", words,
                       id.empty() ? "" : fmt::format(" (request {})", id));
}

AwsRefusal refusal_in(const HttpResponse& response) {
    AwsRefusal refusal;
    refusal.id = response.header("x-amzn-RequestId");
    if (auto body = aws::parse_object(response.body)) {
        refusal.code = aws::text(*body, "__type");
        const std::string message = aws::text(*body, "message");
        refusal.words = message.empty() ? aws::text(*body, "Message") : message;
        refusal.answer = *std::move(body);
    } else {
        refusal.code = xml_text(response.body, "Code");
        refusal.words = xml_text(response.body, "Message");
        if (refusal.id.empty()) {
            refusal.id = xml_text(response.body, "RequestId");
        }
    }
    if (const auto hash = refusal.code.find('#'); hash != std::string::npos) {
        refusal.code.erase(0, hash + 1);
    }
    if (refusal.code.empty()) {
        refusal.code = std::string(response.header("x-amzn-ErrorType"));
        refusal.code.erase(std::min(refusal.code.find(':'), refusal.code.size()));
    }
    return refusal;
}

AwsError error_of(const std::string& action, const HttpResponse& response) {
    const AwsRefusal refusal = refusal_in(response);
    const bool is_of_aws = response.status / 100 == 5;
    if (refusal.code.empty()) {
        return {ErrorKind::unavailable,
                is_of_aws ? fmt::format("AWS answered {} to {}", response.status, action)
                          : fmt::format("{} was answered {}, and not by AWS: see the proxy (HTTPS_PROXY) or "
                                        "AWS_ENDPOINT_URL",
                                        action, response.status),
                "", refusal.words, refusal.answer};
    }
    const std::string message = fmt::format("AWS refused {}: {}", action, refusal.text());
    const AwsError error(ErrorKind::invalid, message, refusal.code, refusal.words, refusal.answer);
    if (error.is_denied()) {
        return denial(action, refusal);
    }
    const bool is_of_the_request =
        !is_of_aws && !error.is_expired() && !is_of_the_sender(refusal.code) && !error.is_momentary();
    return is_of_the_request
               ? error
               : AwsError(ErrorKind::unavailable, message, refusal.code, refusal.words, refusal.answer);
}

}  // namespace flotilla
