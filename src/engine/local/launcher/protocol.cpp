#include "engine/local/launcher/protocol.hpp"

#include <cstring>

namespace flotilla::launcher {

namespace {

/// The one list of the fields, for writing and for reading.
template <typename Archive, typename Spec>
void each_field(Archive& archive, Spec& spec) {
    archive(spec.folder);
    archive(spec.image);
    archive(spec.layers);
    archive(spec.mounts);
    archive(spec.hostname);
    archive(spec.hosts);
    archive(spec.resolv_conf);
    archive(spec.command);
    archive(spec.kept_path);
    archive(spec.env);
    archive(spec.traced);
    archive(spec.user);
    archive(spec.working_dir);
    archive(spec.log_limit);
    archive(spec.start_before);
    archive(spec.masked);
}

template <typename Archive, typename Mount>
void each_field_of_mount(Archive& archive, Mount& mount) {
    archive(mount.host);
    archive(mount.path);
    archive(mount.read_only);
    archive(mount.is_device);
}

class Writer {
public:
    void operator()(std::int64_t number) {
        char raw[sizeof number];
        std::memcpy(raw, &number, sizeof number);
        bytes_.append(raw, sizeof raw);
    }
    void operator()(bool flag) { (*this)(std::int64_t{flag ? 1 : 0}); }
    void operator()(const std::string& text) {
        (*this)(static_cast<std::int64_t>(text.size()));
        bytes_ += text;
    }
    void operator()(const std::vector<std::string>& texts) {
        (*this)(static_cast<std::int64_t>(texts.size()));
        for (const std::string& text : texts) {
            (*this)(text);
        }
    }
    void operator()(const std::vector<HostMount>& mounts) {
        (*this)(static_cast<std::int64_t>(mounts.size()));
        for (const HostMount& mount : mounts) {
            each_field_of_mount(*this, mount);
        }
    }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    void operator()(std::int64_t& number) {
        number = 0;
        if (bytes_.size() < sizeof number) {
            failed_ = true;
            return;
        }
        std::memcpy(&number, bytes_.data(), sizeof number);
        bytes_.remove_prefix(sizeof number);
    }
    void operator()(bool& flag) {
        std::int64_t number = 0;
        (*this)(number);
        flag = number != 0;
    }
    void operator()(std::string& text) {
        const std::size_t size = count();
        text.assign(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
    }
    void operator()(std::vector<std::string>& texts) {
        texts.resize(count());
        for (std::string& text : texts) {
            (*this)(text);
        }
    }
    void operator()(std::vector<HostMount>& mounts) {
        mounts.resize(count());
        for (HostMount& mount : mounts) {
            each_field_of_mount(*this, mount);
        }
    }
    [[nodiscard]] bool read_all() const { return !failed_ && bytes_.empty(); }

private:
    /// A size that the rest of the bytes can hold.
    std::size_t count() {
        std::int64_t number = 0;
        (*this)(number);
        if (number < 0 || static_cast<std::uint64_t>(number) > bytes_.size()) {
            failed_ = true;
            number = 0;
        }
        return static_cast<std::size_t>(number);
    }

    std::string_view bytes_;
    bool failed_ = false;
};

}  // namespace

std::string encode(const LaunchSpec& spec) {
    Writer writer;
    each_field(writer, spec);
    return writer.take();
}

bool decode(std::string_view bytes, LaunchSpec& spec) {
    Reader reader(bytes);
    each_field(reader, spec);
    return reader.read_all();
}

}  // namespace flotilla::launcher
