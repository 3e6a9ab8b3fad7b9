#pragma once

#include "image/image_check.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Lets go of the images that were kept for runs, once no run needs them.
class ImageWorker final : public Worker {
public:
    ImageWorker(ImageCheck& images, RunStore& runs) : images_(images), runs_(runs) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return std::chrono::minutes{5}; }

private:
    ImageCheck& images_;
    RunStore& runs_;
};

}  // namespace flotilla
