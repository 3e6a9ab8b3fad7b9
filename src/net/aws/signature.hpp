#pragma once

#include <string>

#include "base/clock.hpp"
#include "net/aws/credentials.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// For whom a signature is.
struct AwsScope {
    std::string region;
    std::string service;
};

/// Adds the headers Host, X-Amz-Date, X-Amz-Security-Token (with temporary credentials) and Authorization to
/// the request, which sign it: Signature Version 4, see
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
/// The URL's path and query have to be percent-encoded already.
void sign(HttpRequest& request, const AwsScope& scope, const AwsCredentials& credentials, TimePoint now);

}  // namespace flotilla
