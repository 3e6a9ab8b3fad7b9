#include "net/aws/credential_chain.hpp"

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
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

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

/// As the endpoints of containers and instances answer; `whom` is for the message.
AwsCredentials parse_answer(const std::string& body, const std::string& whom) {
    json::error_code error;
    const json::value value = json::parse(body, error);
    if (error || !value.is_object()) {
        throw unavailable("{} answered no credentials", whom);
    }
    const json::object& object = value.get_object();
    AwsCredentials credentials{text_in(object, "AccessKeyId"), text_in(object, "SecretAccessKey"),
                               text_in(object, "Token"), parse_time(text_in(object, "Expiration"))};
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        throw unavailable("{} answered no credentials", whom);
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

AwsCredentials AwsCredentialChain::get() {
    auto known = known_.lock();  // who comes meanwhile waits: they are asked for once
    const auto now = clock_.now();
    const auto is_due = [&](std::chrono::microseconds ahead) {
        return (*known)->expires_at && *(*known)->expires_at - ahead <= now;
    };
    if (*known && !is_due(ahead_of_expiry)) {
        return **known;
    }
    try {
        *known = find();
    } catch (const Error& error) {
        if (!*known || is_due(std::chrono::microseconds{0})) {
            throw;
        }
        log_warning("AWS credentials cannot be renewed now: {}", error.what());
    }
    return **known;
}

void AwsCredentialChain::refused(const AwsCredentials& credentials) {
    auto known = known_.lock();
    if (*known == credentials) {
        known->reset();
    }
}

std::string AwsCredentialChain::variable(const std::string& name) const {
    const auto found = options_.environment.find(name);
    return found == options_.environment.end() ? "" : found->second;
}

AwsCredentials AwsCredentialChain::find() {
    for (const auto source : {&AwsCredentialChain::from_environment, &AwsCredentialChain::from_files}) {
        if (auto found = (this->*source)()) {
            return *std::move(found);
        }
    }
    for (const auto source : {&AwsCredentialChain::from_web_identity, &AwsCredentialChain::from_container,
                              &AwsCredentialChain::from_instance}) {
        if (auto found = (this->*source)()) {
            return *std::move(found);
        }
    }
    throw unavailable(
        "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write them to "
        "~/.aws/credentials, or run on an instance or in a task that has a role");
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

HttpResponse AwsCredentialChain::ask(HttpRequest request, const std::string& whom) {
    request.timeout = patience;
    HttpResponse response = http_.send(request);
    if (response.status != 200) {
        throw unavailable("{} answered {} when asked for credentials", whom, response.status);
    }
    return response;
}

/// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
std::optional<AwsCredentials> AwsCredentialChain::from_web_identity() {
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
    request.timeout = patience;
    const HttpResponse response = http_.send(request);
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
std::optional<AwsCredentials> AwsCredentialChain::from_container() {
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
    constexpr const char* whom = "the endpoint for credentials of containers";
    return parse_answer(ask(std::move(request), whom).body, whom);
}

/// See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
std::optional<AwsCredentials> AwsCredentialChain::from_instance() {
    if (variable("AWS_EC2_METADATA_DISABLED") == "true") {
        return std::nullopt;
    }
    const std::string said = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const std::string base = said.empty() ? "http://169.254.169.254" : std::string(url_origin(said));
    HttpRequest token_request{.method = "PUT", .url = base + "/latest/api/token"};
    token_request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    token_request.timeout = std::chrono::milliseconds{1'000};
    std::string token;
    try {
        const HttpResponse answer = http_.send(token_request);
        if (answer.status != 200) {
            return std::nullopt;
        }
        token = answer.body;
    } catch (const Error&) {
        return std::nullopt;  // this is no EC2 instance
    }
    const auto get = [&](const std::string& path) {
        HttpRequest request{.url = base + path};
        request.headers.emplace_back("X-aws-ec2-metadata-token", token);
        return ask(std::move(request), "the metadata of this EC2 instance").body;
    };
    constexpr const char* folder = "/latest/meta-data/iam/security-credentials/";
    const std::string roles = get(folder);
    const std::string role = roles.substr(0, roles.find('\n'));
    return parse_answer(get(folder + role), "the metadata of this EC2 instance");
}

}  // namespace flotilla
