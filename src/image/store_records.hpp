#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "image/stored_image.hpp"

namespace flotilla {

/// Where an image came from.
enum class ImageOrigin {
    pulled,     ///< from a registry
    imported,   ///< from an OCI layout or a `docker save` archive
    made_here,  ///< from a plain root file system
};
[[nodiscard]] std::string_view to_string(ImageOrigin origin);

/// A layer of a stored image.
struct LayerRecord {
    std::string folder;     ///< its name below `layers`
    std::string blob;       ///< digest of the archive that it was fetched as; empty if it was not fetched
    std::int64_t size = 0;  ///< bytes on disk
};

/// What the store keeps about an image, as JSON.
struct ImageRecord {
    std::string digest;
    ImageOrigin origin = ImageOrigin::pulled;
    ImageConfig config;
    std::vector<LayerRecord> layers;  ///< the lowest first
};

/// What a name stands for.
struct NameRecord {
    std::string digest;
    TimePoint created_at;
};
/// By `ImageReference::text()`.
using NameRecords = std::map<std::string, NameRecord>;

[[nodiscard]] std::string to_json(const ImageRecord& record);
[[nodiscard]] std::string to_json(const NameRecords& names);
/// Both throw std::runtime_error if the text is not what `to_json` wrote.
[[nodiscard]] ImageRecord parse_image_record(std::string_view json);
[[nodiscard]] NameRecords parse_name_records(std::string_view json);

}  // namespace flotilla
