#include "net/aws/credential_chain.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/thread_pool.hpp"
#include "base/time_text.hpp"
#include "net/aws/credential_files.hpp"
#include "net/aws/refusal.hpp"
#include "net/aws/service.hpp"
#include "net/aws/xml_text.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::chrono::minutes ahead_of_expiry{5};
constexpr std::chrono::milliseconds patience{2'000};
/// Less than the second that the start of the server waits for AWS: where this is no EC2 instance, that is
/// what is told.
constexpr std::chrono::milliseconds patience_for_session{900};
constexpr std::chrono::seconds left_alone{3};
constexpr const char* instance = "the metadata service of EC2";
constexpr const char* nowhere =
    "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write them to "
    "~/.aws/credentials, or run on an instance or in a task that has a role";

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

std::string body_of(HttpResponse response, const std::string& whom) {
    if (response.status != 200) {
        throw unavailable("{} answered {} when asked for AWS credentials", whom, response.status);
    }
    return std::move(response.body);
}

/// As the endpoints of containers and instances answer; `whom` is for the message.
AwsCredentials parse_answer(HttpResponse response, const std::string& whom) {
    json::error_code error;
    const json::value value = json::parse(body_of(std::move(response), whom), error);
    if (error || !value.is_object()) {
        throw unavailable("{} answered no AWS credentials", whom);
    }
    const json::object& object = value.get_object();
    AwsCredentials credentials{text_in(object, "AccessKeyId"), text_in(object, "SecretAccessKey"),
                               text_in(object, "Token"), parse_time(text_in(object, "Expiration"))};
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        throw unavailable("{} answered no AWS credentials", whom);
    }
    return credentials;
}

std::string without_end_of_line(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

}  // namespace

AwsCredentials AwsCredentialChain::get(std::chrono::milliseconds timeout, const std::stop_token& stop) {
    auto state = state_.lock();
    if (counts(*state, ahead_of_expiry)) {
        return *state->known;
    }
    if (may_ask(*state)) {
        asker_ = std::jthread([this](const std::stop_token& ended) { ask_all(ended); });
        state->is_asking = true;
    }
    if (counts(*state, std::chrono::microseconds{0})) {
        return *state->known;
    }
    {
        const BlockingSection waiting(WaitsFor::somebody_else);
        changed_.wait_for(state.lock(), stop, timeout, [&] { return !state->is_asking; });
    }
    if (state->is_asking) {
        throw stop.stop_requested()
            ? unavailable("AWS credentials are not waited for any more")
            : unavailable("{} gives no AWS credentials: there is no answer yet", state->asked);
    }
    if (state->failure) {
        std::rethrow_exception(state->failure);
    }
    if (!state->known) {
        throw unavailable("AWS refused the credentials that were just found");
    }
    return *state->known;
}

/// Whether what is known is good for so long still.
bool AwsCredentialChain::counts(const State& state, std::chrono::microseconds ahead) {
    return state.known && (!state.known->expires_at || *state.known->expires_at - ahead > clock_.now());
}

bool AwsCredentialChain::may_ask(const State& state) {
    const bool was_just_asked = state.tried_at && clock_.elapsed() - *state.tried_at < left_alone;
    const bool may_wait = state.failure || counts(state, std::chrono::microseconds{0});
    return !state.is_asking && !(was_just_asked && may_wait);
}

/// What the thread does: one try, of whose end all who wait are told.
void AwsCredentialChain::ask_all(const std::stop_token& stop) {
    std::optional<AwsCredentials> found;
    std::exception_ptr failure;
    std::string reason;
    try {
        AwsCredentials given = find(stop);
        if (given.expires_at && *given.expires_at <= clock_.now()) {
            throw unavailable(
                "{} gives AWS credentials that have expired already, at {} by the clock of this "
                "host",
                state_.lock()->asked, to_rfc3339(*given.expires_at));
        }
        found = std::move(given);
    } catch (const std::exception& error) {
        failure = std::current_exception();
        reason = error.what();
    }
    auto state = state_.lock();
    if (failure && !state->failure && !stop.stop_requested() &&
        counts(*state, std::chrono::microseconds{0})) {
        log_warning("AWS credentials cannot be renewed now: {}", reason);
    }
    if (found) {
        state->known = std::move(found);
    }
    state->failure = std::move(failure);
    state->tried_at = clock_.elapsed();
    state->is_asking = false;
    changed_.notify_all();
}

void AwsCredentialChain::refused(const AwsCredentials& credentials) {
    auto state = state_.lock();
    if (state->known == credentials) {
        state->known.reset();
    }
}

std::string AwsCredentialChain::variable(const std::string& name) const {
    const auto found = options_.environment.find(name);
    return found == options_.environment.end() ? "" : found->second;
}

AwsCredentials AwsCredentialChain::find(const std::stop_token& stop) {
    for (const auto source : {&AwsCredentialChain::from_environment, &AwsCredentialChain::from_files}) {
        if (auto found = (this->*source)()) {
            return *std::move(found);
        }
    }
    for (const auto source : {&AwsCredentialChain::from_web_identity, &AwsCredentialChain::from_container}) {
        if (auto found = (this->*source)(stop)) {
            return *std::move(found);
        }
    }
    return from_instance(stop);
}

std::optional<AwsCredentials> AwsCredentialChain::from_environment() const {
    AwsCredentials keys{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                        variable("AWS_SESSION_TOKEN")};
    return keys.access_key_id.empty() || keys.secret_access_key.empty() ? std::nullopt : std::optional(keys);
}

std::optional<AwsCredentials> AwsCredentialChain::from_files() const {
    const auto profiles = [&](const char* variable_name, const char* file_name) {
        const std::string said = variable(variable_name);
        const auto path = said.empty() ? options_.home / ".aws" / file_name : std::filesystem::path(said);
        return parse_ini(read_file(path).value_or(""));
    };
    const std::string said = variable("AWS_PROFILE");
    const std::string profile = said.empty() ? "default" : said;
    auto found = credentials_of_profile(profile, profiles("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                                        profiles("AWS_CONFIG_FILE", "config"));
    if (!found && !said.empty()) {
        throw unavailable("the AWS profile {} (AWS_PROFILE) has no keys in ~/.aws/credentials", said);
    }
    if (found) {
        found->expires_at = clock_.now() + std::chrono::minutes{15};  // who writes the file may do so again
    }
    return found;
}

/// Its answer, of whatever status; `whom` is for the message.
HttpResponse AwsCredentialChain::ask(HttpRequest request, const std::string& whom,
                                     const std::stop_token& stop) {
    request.timeout = std::min(request.timeout, patience);
    request.stop = stop;
    state_.lock()->asked = whom;
    try {
        return http_.send(request);
    } catch (const Error& error) {
        throw unavailable("{} gives no AWS credentials: {}", whom, error.what());
    }
}

/// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
std::optional<AwsCredentials> AwsCredentialChain::from_web_identity(const std::stop_token& stop) {
    const std::string file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    const std::string role = variable("AWS_ROLE_ARN");
    if (file.empty() || role.empty()) {
        return std::nullopt;
    }
    const auto token = read_file(file);
    if (!token) {
        throw unavailable("the web identity token {} (AWS_WEB_IDENTITY_TOKEN_FILE) does not exist", file);
    }
    const std::string session = variable("AWS_ROLE_SESSION_NAME");
    HttpRequest request{.method = "POST",
                        .url = aws_endpoint(sts_service, options_.region, options_.environment)};
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = fmt::format(
        "Action=AssumeRoleWithWebIdentity&Version={}&RoleArn={}&RoleSessionName={}&WebIdentityToken={}",
        sts_service.version, url_encoded(role), url_encoded(session.empty() ? "flotilla" : session),
        url_encoded(without_end_of_line(*token)));
    const HttpResponse response = ask(std::move(request), "AWS STS", stop);
    if (response.status != 200) {
        const AwsRefusal refusal = refusal_in(response);
        throw unavailable(
            "AWS refused sts:AssumeRoleWithWebIdentity of {} (AWS_ROLE_ARN): {}; the trust policy of the "
            "role "
            "has to let the token in that AWS_WEB_IDENTITY_TOKEN_FILE names",
            role, refusal.code.empty() ? std::to_string(response.status) : refusal.text());
    }
    const std::string& body = response.body;
    AwsCredentials credentials{xml_text(body, "AccessKeyId"), xml_text(body, "SecretAccessKey"),
                               xml_text(body, "SessionToken"), parse_time(xml_text(body, "Expiration"))};
    if (credentials.access_key_id.empty()) {
        throw unavailable("AWS STS answered no credentials");
    }
    return credentials;
}

/// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
std::optional<AwsCredentials> AwsCredentialChain::from_container(const std::stop_token& stop) {
    const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const std::string full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.empty() && full.empty()) {
        return std::nullopt;
    }
    HttpRequest request{.url = relative.empty() ? full : "http://169.254.170.2" + relative};
    std::string token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
        token = without_end_of_line(read_file(file).value_or(""));
    }
    if (!token.empty()) {
        request.headers.emplace_back("Authorization", token);
    }
    constexpr const char* whom = "the endpoint of containers";
    return parse_answer(ask(std::move(request), whom, stop), whom);
}

/// The last place to look at. See
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
AwsCredentials AwsCredentialChain::from_instance(const std::stop_token& stop) {
    if (variable("AWS_EC2_METADATA_DISABLED") == "true") {
        throw unavailable("{}", nowhere);
    }
    const std::string said = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const std::string base = said.empty() ? "http://169.254.169.254" : std::string(url_origin(said));
    const std::string token = session_of_instance(base, stop);
    is_instance_ = true;
    const auto get = [&](const std::string& path) {
        HttpRequest request{.url = base + path};
        request.headers.emplace_back("X-aws-ec2-metadata-token", token);
        return ask(std::move(request), instance, stop);
    };
    constexpr const char* folder = "/latest/meta-data/iam/security-credentials/";
    const std::string roles = body_of(get(folder), instance);
    return parse_answer(get(folder + roles.substr(0, roles.find('\n'))), instance);
}

/// The token by which its metadata is read.
std::string AwsCredentialChain::session_of_instance(const std::string& base, const std::stop_token& stop) {
    HttpRequest request{.method = "PUT", .url = base + "/latest/api/token", .timeout = patience_for_session};
    request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    try {
        return body_of(ask(std::move(request), instance, stop), instance);
    } catch (const Error& error) {
        if (is_instance_) {
            throw;
        }
        throw unavailable("{} ({})", nowhere, error.what());  // this may be no EC2 instance
    }
}

}  // namespace flotilla
