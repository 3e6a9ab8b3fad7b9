#include "worker/image_worker.hpp"

namespace flotilla {

bool ImageWorker::step(const std::stop_token& stop) {
    images_.keep_only(runs_.image_digests_in_use(), stop);
    return false;
}

}  // namespace flotilla
