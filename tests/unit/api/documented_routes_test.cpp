#include <set>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "api/api.hpp"
#include "support/api_services.hpp"

namespace flotilla {
namespace {

/// What docs/openapi.yaml says, from the answer that is made of it.
std::set<std::string> documented_routes(const Api& api) {
    const auto response =
        api.answer({.verb = HttpVerb::get, .target = "/api/openapi.json", .headers = {}, .body = {}});
    const boost::json::value document = boost::json::parse(response.body);
    std::set<std::string> routes;
    for (const auto& [path, item] : document.at("paths").as_object()) {
        for (const auto& [method, verb] :
             {std::pair{"get", "GET"}, {"post", "POST"}, {"put", "PUT"}, {"delete", "DELETE"}}) {
            if (item.as_object().contains(method)) {
                routes.insert(std::string(verb) + " " + std::string(path));
            }
        }
    }
    return routes;
}

TEST(DocumentedRoutesTest, EveryRouteIsDocumentedAndTheReverse) {
    test::ControlPlane plane;
    HttpMetrics http_metrics{plane.registry};
    const Api api(test::api_services(plane), http_metrics, {});
    const auto routes = api.routes();
    const std::set<std::string> known(routes.begin(), routes.end());
    EXPECT_THAT(known, testing::ContainerEq(documented_routes(api)));
}

}  // namespace
}  // namespace flotilla
