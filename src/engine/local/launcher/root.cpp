#include "engine/local/launcher/root.hpp"

#include <cerrno>
#include <cstdint>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "engine/local/launcher/user_namespace.hpp"

namespace flotilla::launcher {

namespace {

constexpr unsigned long no_programs = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/// A folder in the upper layer gives its mode and owner to the merged one, so it takes those of the lower.
void make_like(int upper, const char* name, const struct stat& like, const Answer& answer) {
    answer.require(::mkdirat(upper, name, 0755) == 0 || errno == EEXIST, "make a folder in the upper layer");
    answer.require(::fchownat(upper, name, like.st_uid, like.st_gid, 0) == 0 &&
                       ::fchmodat(upper, name, like.st_mode & 07777, 0) == 0 &&
                       ::utimensat(upper, name, nullptr, 0) == 0,
                   "give a folder in the upper layer its owner, mode and time");
}

int open_folder(int at, const char* path, const Answer& answer) {
    const int folder = ::openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    answer.require(folder >= 0, "open a folder of the image or of the run");
    return folder;
}

/// A view of a layer in which its files belong to the ids of `user_namespace`, while on disk they stay as the
/// image has them. It is mounted over the layer itself, as an overlay takes only what is mounted, where
/// nobody but this process sees it.
int open_layer(const std::string& path, int user_namespace, const Answer& answer) {
    const int layer = ::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    answer.require(layer >= 0, "open a layer of the image");
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY;
    attributes.userns_fd = static_cast<std::uint64_t>(user_namespace);
    answer.require(
        ::mount_setattr(layer, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0,
        "map the ids of the image's files (which takes Linux 5.19, and data_dir on a file system that "
        "can, such as ext4, xfs or btrfs)");
    answer.require(::move_mount(layer, "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0,
                   "mount a layer of the image");
    return layer;
}

/// Layers are named to the overlay by their descriptors: paths of any length and any number of layers then
/// fit the one page that mount(2) takes.
void mount_overlay(const LaunchSpec& spec, const RootFiles& files, const Answer& answer) {
    const int folder = files.folder;
    std::vector<int> layers;
    layers.reserve(spec.layers.size());
    std::string options = "lowerdir=";
    for (const std::string& path : spec.layers) {
        const int layer = open_layer(path, files.user_namespace, answer);
        options.append(layers.empty() ? "" : ":").append(std::to_string(layer));
        layers.push_back(layer);
    }
    struct stat root = {};
    answer.require(!layers.empty() && ::fstat(layers[0], &root) == 0, "read the image's root folder");
    make_like(folder, "upper", root, answer);
    // They are there already where a folder is used again.
    answer.require((::mkdirat(folder, "work", 0700) == 0 || errno == EEXIST) &&
                       (::mkdirat(folder, "root", 0700) == 0 || errno == EEXIST),
                   "make the folders of the run");
    const int upper = open_folder(folder, "upper", answer);
    const int work = open_folder(folder, "work", answer);

    options.append(",upperdir=").append(std::to_string(upper));
    options.append(",workdir=").append(std::to_string(work));
    options.append(",volatile,index=off,redirect_dir=off,metacopy=off");
    answer.require(::chdir("/proc/self/fd") == 0, "enter /proc/self/fd");
    // Devices come from /dev alone: a device node that an image brings along must not work.
    const std::string target = spec.folder + "/root";
    answer.require(::mount("overlay", target.c_str(), "overlay", MS_NODEV, options.c_str()) == 0,
                   "mount the image's layers");
    answer.require(::chdir(target.c_str()) == 0, "enter the new root");
    for (const int layer : layers) {
        ::close(layer);
    }
    ::close(upper);
    ::close(work);
}

/// The mounts of the host that the container gets, taken while the host is still in sight. Their files belong
/// to the same ids as on the host, by number, where their file systems can map ids; elsewhere (NFS) a job is
/// a stranger to them.
std::vector<int> take_mounts(const LaunchSpec& spec, int user_namespace, const Answer& answer) {
    std::vector<int> taken;
    for (const HostMount& mount : spec.mounts) {
        const int tree =
            ::open_tree(AT_FDCWD, mount.host.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        if (tree < 0) {
            answer.give_up(Cause::host,
                           with_error("the cluster's mount " + mount.host + " cannot be had", errno));
        }
        mount_attr attributes{};
        attributes.attr_set = MOUNT_ATTR_NOSUID | (mount.is_device ? 0 : MOUNT_ATTR_NODEV) |
                              (mount.read_only ? MOUNT_ATTR_RDONLY : 0);
        mount_attr mapped = attributes;
        mapped.attr_set |= MOUNT_ATTR_IDMAP;
        mapped.userns_fd = static_cast<std::uint64_t>(user_namespace);
        constexpr unsigned all_of_it = AT_EMPTY_PATH | AT_RECURSIVE;
        answer.require(::mount_setattr(tree, "", all_of_it, &mapped, sizeof mapped) == 0 ||
                           ::mount_setattr(tree, "", all_of_it, &attributes, sizeof attributes) == 0,
                       "set up a mount of the cluster");
        taken.push_back(tree);
    }
    return taken;
}

/// The file or folder that is covered by a mount; made where the image has none.
void make_target(const std::string& path, bool is_folder, const Answer& answer) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        const bool is_last = end == std::string::npos;
        struct stat found = {};
        if (::stat(part.c_str(), &found) != 0) {
            const int made = is_last && !is_folder ? ::mknod(part.c_str(), S_IFREG | 0644, 0)
                                                   : ::mkdir(part.c_str(), 0755);
            answer.require(made == 0 && ::lchown(part.c_str(), host_id(0), host_id(0)) == 0,
                           "make the place of a mount of the cluster");
        }
        if (is_last) {
            return;
        }
    }
}

void attach_mounts(const LaunchSpec& spec, const std::vector<int>& taken, const Answer& answer) {
    for (std::size_t index = 0; index < taken.size(); ++index) {
        const std::string& path = spec.mounts[index].path;
        struct stat source = {};
        answer.require(::fstat(taken[index], &source) == 0, "look at a mount of the cluster");
        make_target(path, S_ISDIR(source.st_mode), answer);
        if (::move_mount(taken[index], "", AT_FDCWD, path.c_str(),
                         MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) != 0) {
            answer.give_up(Cause::host,
                           with_error("the cluster's mount " + path + " cannot be attached", errno));
        }
        ::close(taken[index]);
    }
}

void leave_host(const Answer& answer) {
    // With both arguments the same the old root ends up on top of the new one, from where it is detached.
    answer.require(::syscall(SYS_pivot_root, ".", ".") == 0, "change the root (pivot_root)");
    answer.require(::umount2(".", MNT_DETACH) == 0, "detach the host's root");
    answer.require(::chdir("/") == 0, "enter the new root");
}

/// A mount point of the image: never followed if the image has a link there.
void make_mount_point(const char* path, const Answer& answer) {
    struct stat found = {};
    if (::lstat(path, &found) != 0) {
        answer.require(::mkdir(path, 0755) == 0 && ::chown(path, host_id(0), host_id(0)) == 0,
                       "make a mount point in the image");
    } else if (!S_ISDIR(found.st_mode)) {
        answer.give_up(Cause::job, std::string("the image's ") + path + " is not a folder");
    }
}

void write_file_at(int folder, const char* name, const std::string& content, const Answer& answer) {
    const int file = ::openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    answer.require(file >= 0, "write a file of /etc");
    answer.require(::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
                       ::fchown(file, host_id(0), host_id(0)) == 0,
                   "write a file of /etc");
    ::close(file);
}

/// What a file of /etc is mounted on: made where the image has none, or has a link, which may lead anywhere.
void make_file_point(const std::string& path, const Answer& answer) {
    struct stat found = {};
    const bool exists = ::lstat(path.c_str(), &found) == 0;
    if (exists && S_ISREG(found.st_mode)) {
        return;
    }
    if (exists && ::unlink(path.c_str()) != 0) {
        answer.give_up(Cause::job, "the image's " + path + " is not a file");
    }
    answer.require(
        ::mknod(path.c_str(), S_IFREG | 0644, 0) == 0 && ::chown(path.c_str(), host_id(0), host_id(0)) == 0,
        "make a file of /etc");
}

/// The files of /etc that are the run's own lie in memory and are mounted over those of the image, as Docker
/// does it: so a run that writes nothing makes no file on the disk. `at` is a folder that is covered by
/// another mount afterwards: each mount that is taken away costs a wait for all processors.
void mount_etc_files(const LaunchSpec& spec, const char* at, const Answer& answer) {
    make_mount_point("/etc", answer);
    const std::string owner = ",uid=" + std::to_string(host_id(0)) + ",gid=" + std::to_string(host_id(0));
    answer.require(::mount("etc", at, "tmpfs", no_programs, ("mode=755,size=1m" + owner).c_str()) == 0,
                   "mount the files of /etc");
    const int folder = open_folder(AT_FDCWD, at, answer);
    write_file_at(folder, "hosts", spec.hosts, answer);
    write_file_at(folder, "hostname", spec.hostname + "\n", answer);
    write_file_at(folder, "resolv.conf", spec.resolv_conf, answer);
    ::close(folder);
    for (const char* const name : {"/hosts", "/hostname", "/resolv.conf"}) {
        const std::string target = std::string("/etc") + name;
        make_file_point(target, answer);
        answer.require(
            ::mount((std::string(at) + name).c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0,
            "mount a file of /etc");
    }
}

/// Paths of /proc and /sys that Docker hides or write-protects; see
/// https://github.com/moby/moby/blob/v27.0.0/oci/defaults.go
constexpr const char* masked_paths[] = {
    "/proc/asound",      "/proc/acpi",          "/proc/interrupts", "/proc/kcore",
    "/proc/keys",        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi",          "/sys/firmware",    "/sys/devices/virtual/powercap",
};
constexpr const char* read_only_paths[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

void protect_proc_and_sys(const Answer& answer) {
    for (const char* const path : read_only_paths) {
        if (::mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) != 0) {
            answer.require(errno == ENOENT, "bind a path of /proc");
            continue;
        }
        answer.require(
            ::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | no_programs, nullptr) == 0,
            "write-protect a path of /proc");
    }
    const char* nothing = nullptr;  // an empty folder: one that is hidden already
    for (const char* const path : masked_paths) {
        struct stat found = {};
        if (::lstat(path, &found) != 0) {
            continue;
        }
        bool hidden = false;
        if (!S_ISDIR(found.st_mode)) {
            hidden = ::mount("/dev/null", path, nullptr, MS_BIND, nullptr) == 0;
        } else if (nothing != nullptr) {
            hidden = ::mount(nothing, path, nullptr, MS_BIND, nullptr) == 0;
        } else {
            hidden = ::mount("tmpfs", path, "tmpfs", MS_RDONLY | no_programs, "size=0") == 0;
            nothing = path;
        }
        answer.require(hidden, "hide a path of /proc or /sys");
    }
}

void make_device(const char* path, unsigned major_number, unsigned minor_number, const Answer& answer) {
    answer.require(::mknod(path, S_IFCHR | 0666, makedev(major_number, minor_number)) == 0 &&
                       ::chown(path, host_id(0), host_id(0)) == 0,
                   "make a device in /dev");
}

void mount_dev(const Answer& answer) {
    const std::string owner = ",uid=" + std::to_string(host_id(0)) + ",gid=" + std::to_string(host_id(0));
    answer.require(::mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, ("mode=755,size=64k" + owner).c_str()) == 0,
                   "mount /dev");
    // Numbers: https://www.kernel.org/doc/Documentation/admin-guide/devices.txt
    constexpr unsigned memory_devices = 1;
    make_device("/dev/null", memory_devices, 3, answer);
    make_device("/dev/zero", memory_devices, 5, answer);
    make_device("/dev/full", memory_devices, 7, answer);
    make_device("/dev/random", memory_devices, 8, answer);
    make_device("/dev/urandom", memory_devices, 9, answer);
    make_device("/dev/tty", 5, 0, answer);
    const bool linked =
        ::symlink("/proc/self/fd", "/dev/fd") == 0 && ::symlink("/proc/self/fd/0", "/dev/stdin") == 0 &&
        ::symlink("/proc/self/fd/1", "/dev/stdout") == 0 &&
        ::symlink("/proc/self/fd/2", "/dev/stderr") == 0 && ::symlink("pts/ptmx", "/dev/ptmx") == 0;
    const bool made = linked && ::mkdir("/dev/pts", 0755) == 0 && ::mkdir("/dev/shm", 01777) == 0 &&
                      ::mkdir("/dev/mqueue", 01777) == 0;
    answer.require(made, "fill /dev");
    constexpr id_t terminal_group = 5;
    const std::string terminals =
        "newinstance,ptmxmode=0666,mode=0620,gid=" + std::to_string(host_id(terminal_group));
    answer.require(::mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, terminals.c_str()) == 0,
                   "mount /dev/pts");
    answer.require(
        ::mount("shm", "/dev/shm", "tmpfs", no_programs, ("mode=1777,size=64m" + owner).c_str()) == 0,
        "mount /dev/shm");
    answer.require(::mount("mqueue", "/dev/mqueue", "mqueue", no_programs, nullptr) == 0,
                   "mount /dev/mqueue");
}

}  // namespace

void enter_root(const LaunchSpec& spec, const RootFiles& files, const Answer& answer) {
    ::umask(0);
    answer.require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
                   "make the mounts private");
    const std::vector<int> mounts = take_mounts(spec, files.user_namespace, answer);
    mount_overlay(spec, files, answer);
    leave_host(answer);
    make_mount_point("/proc", answer);
    make_mount_point("/sys", answer);
    make_mount_point("/dev", answer);
    answer.require(::mount("proc", "/proc", "proc", no_programs, nullptr) == 0, "mount /proc");
    answer.require(::mount("sysfs", "/sys", "sysfs", MS_RDONLY | no_programs, nullptr) == 0, "mount /sys");
    mount_etc_files(spec, "/dev", answer);
    mount_dev(answer);
    attach_mounts(spec, mounts, answer);
    protect_proc_and_sys(answer);
}

}  // namespace flotilla::launcher
