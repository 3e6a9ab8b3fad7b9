#pragma once

#include <memory>
#include <vector>

#include "base/guarded.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// An HttpClient on libcurl. Connections are kept open and used again. A host on loopback is never asked
/// through a proxy; for others the usual variables (`https_proxy`, `no_proxy`) are honoured.
class CurlHttpClient final : public HttpClient {
public:
    CurlHttpClient();
    ~CurlHttpClient() override;

    [[nodiscard]] HttpResponse send(const HttpRequest& request) override;

private:
    class Handle;
    Guarded<std::vector<std::unique_ptr<Handle>>> idle_;  ///< each with its open connections
};

}  // namespace flotilla
