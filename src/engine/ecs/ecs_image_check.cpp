#include "engine/ecs/ecs_image_check.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

std::optional<EcrRepository> ecr_repository(const std::string& registry) {
    constexpr std::string_view middle = ".dkr.ecr.";
    const auto at = registry.find(middle);
    const auto end = registry.find(".amazonaws.com", at == std::string::npos ? 0 : at + middle.size());
    if (at == std::string::npos || end == std::string::npos) {
        return std::nullopt;
    }
    return EcrRepository{registry.substr(0, at),
                         registry.substr(at + middle.size(), end - at - middle.size())};
}

ImageAnswer EcsImageCheck::check(const ImageReference& image) {
    const auto repository = ecr_repository(image.registry);
    // With another region's credentials are the same, its endpoint is not this client's.
    if (!repository || repository->region != aws_.region()) {
        return registry_.check(image);
    }
    try {
        return optional_
            .attempt("the check that images of ECR exist", [&] { return ask_ecr(*repository, image); })
            .value_or(ImagePresent{});
    } catch (const Error& error) {
        return ImageUnknown{error.what()};
    }
}

/// See https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
ImageAnswer EcsImageCheck::ask_ecr(const EcrRepository& repository, const ImageReference& image) {
    json::object id;
    if (image.digest.empty()) {
        id["imageTag"] = image.tag;
    } else {
        id["imageDigest"] = image.digest;
    }
    json::object input;
    input["registryId"] = repository.account;
    input["repositoryName"] = image.repository;
    input["imageIds"] = json::array{std::move(id)};
    try {
        const json::object answer = aws_.call(
            ecr_service, "DescribeImages", input,
            {.patience = std::chrono::milliseconds{2'500}, .timeout = std::chrono::milliseconds{2'500}});
        const auto& details = aws::list(answer, "imageDetails");
        return ImagePresent{details.empty() ? "" : aws::text(aws::object(details.front()), "imageDigest")};
    } catch (const AwsError& error) {
        if (error.code() == "ImageNotFoundException" || error.code() == "RepositoryNotFoundException") {
            return ImageAbsent{error.words()};
        }
        throw;
    }
}

}  // namespace flotilla
