#include "engine/docker/private_network.hpp"

#include <boost/json.hpp>

namespace flotilla {

namespace json = boost::json;

std::string private_network_body() {
    json::object options;
    options["com.docker.network.bridge.enable_icc"] = "false";  // no way from one container to another
    json::object labels;
    labels[private_network_label] = "private";
    json::object body;
    body["Name"] = private_network;
    body["CheckDuplicate"] = true;
    body["Driver"] = "bridge";
    body["Options"] = std::move(options);
    body["Labels"] = std::move(labels);
    return json::serialize(body);
}

}  // namespace flotilla
