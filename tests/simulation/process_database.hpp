#pragma once

#include "base/error.hpp"
#include "simulation/memory_database.hpp"
#include "simulation/process.hpp"

namespace flotilla::simulation {

/// The database as one process sees it: slow at times, and it fails.
class ProcessDatabase final : public SqlDatabase {
public:
    ProcessDatabase(Process& process, MemoryDatabase& database) : process_(process), database_(database) {}

    void read(const Work& work) override {
        process_.call(Place::read, [&](const Hazard*) { database_.read(work); });
    }
    void write(const Work& work) override {
        process_.call(Place::write, [&](const Hazard* hazard) {
            const bool fails = hazard != nullptr && hazard->effect == Hazard::Effect::fail_before;
            if (fails || (hazard != nullptr && hazard->effect == Hazard::Effect::run_twice)) {
                database_.try_in_vain(work);
            }
            if (fails) {
                throw unavailable("the disk is full");
            }
            database_.write(work);
        });
    }
    [[nodiscard]] const SqlDialect& dialect() const override { return database_.dialect(); }
    void check() override {}

private:
    Process& process_;
    MemoryDatabase& database_;
};

}  // namespace flotilla::simulation
