#pragma once

#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace flotilla {

/// A variable of one container that stands nowhere else: not with the run, not on disk, in no answer, no log.
struct SecretVariable {
    std::string name;
    std::string value;
    bool masked = false;  ///< what the job prints of it becomes `***` in its log
    bool operator==(const SecretVariable&) const = default;
};

/// Says whether runs may ask for secrets. Safe to call from any thread.
class SecretCheck {
public:
    SecretCheck() = default;
    SecretCheck(const SecretCheck&) = delete;
    SecretCheck& operator=(const SecretCheck&) = delete;
    virtual ~SecretCheck() = default;
    /// Throws `invalid` with one line about the first of `names` that is not configured or has no value now.
    virtual void check(const std::vector<std::string>& names) = 0;
};

/// Where an engine gets a container's secret variables at the moment of its launch. Safe to call from any
/// thread.
class SecretValues {
public:
    SecretValues() = default;
    SecretValues(const SecretValues&) = delete;
    SecretValues& operator=(const SecretValues&) = delete;
    virtual ~SecretValues() = default;
    /// Throws `Error` with one line that names the secret, never its value, if one cannot be had now.
    [[nodiscard]] virtual std::vector<SecretVariable> values_for(const Task& task) = 0;
};

}  // namespace flotilla
