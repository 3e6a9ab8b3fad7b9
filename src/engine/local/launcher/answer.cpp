#include "engine/local/launcher/answer.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

namespace flotilla::launcher {

namespace {

void send_text(int socket, AnswerKind kind, const std::string& text) {
    const std::string message = static_cast<char>(kind) + text;
    // Nobody may listen any more: the records in the run's folder tell the next server.
    (void)::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace

std::string with_error(std::string sentence, int error) {
    const char* const name = ::strerrorname_np(error);
    const char* const description = ::strerrordesc_np(error);
    sentence.append(": ").append(description != nullptr ? description : "unknown error");
    return sentence.append(" (").append(name != nullptr ? name : "?").append(")");
}

void Answer::process(int pidfd) const {
    char kind = static_cast<char>(AnswerKind::process);
    iovec part{&kind, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof pidfd)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof pidfd);
    std::memcpy(CMSG_DATA(header), &pidfd, sizeof pidfd);
    (void)::sendmsg(socket_, &message, MSG_NOSIGNAL);
}

void Answer::started(std::int64_t at) const {
    send_text(socket_, AnswerKind::started, std::to_string(at));
}

void Answer::failed(Cause cause, const std::string& sentence) const {
    send_text(socket_, AnswerKind::failed, static_cast<char>(cause) + sentence);
}

void Answer::give_up(Cause cause, const std::string& sentence) const {
    failed(cause, sentence);
    ::_exit(1);
}

void Answer::give_up_with_errno(const char* step) const {
    give_up(Cause::host, with_error(std::string("cannot ") + step, errno));
}

}  // namespace flotilla::launcher
