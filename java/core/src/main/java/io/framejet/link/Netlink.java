package io.framejet.link;

import static java.util.stream.Collectors.toUnmodifiableList;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NetlinkNative;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An rtnetlink socket in one namespace (man 7 rtnetlink). The socket stays in the namespace in
 * which it was opened, whichever thread uses it. Safe for use by several threads; one exchange runs
 * at a time.
 *
 * <p>An answer counts only when the kernel has marked its end: a list that may be cut short is an
 * error, never a short list.
 */
final class Netlink implements AutoCloseable {
  private static final int ERROR_CODE_SIZE = 4;

  private final Descriptor descriptor;
  private int sequence;

  private Netlink(int fd) {
    descriptor = new Descriptor(this, "netlink socket", fd, NetlinkNative::close);
  }

  static Netlink open(NetworkNamespace namespace) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final int fd = namespace.withPath(NetlinkNative::open);
    if (fd < 0) {
      final String operation = "open a netlink socket in network namespace " + namespace;
      throw Faults.of(fd, operation, Faults.NETLINK, null, Faults.CAP_SYS_ADMIN);
    }
    return new Netlink(fd);
  }

  /** Asks for one thing. */
  NetlinkMessage get(NetlinkRequest request, String operation, @Nullable String link)
      throws FramejetException {
    final NetlinkMessage found = find(request, operation, link);
    if (found == null) {
      throw malformed("no answer to: " + operation);
    }
    return found;
  }

  /** Asks for one thing that there may be none of; the request carries {@code NLM_F_ACK}. */
  @Nullable NetlinkMessage find(NetlinkRequest request, String operation, @Nullable String link)
      throws FramejetException {
    for (NetlinkMessage message : exchange(request, operation, link).messages) {
      if (message.type() > Rtnetlink.NLMSG_DONE) {
        return message;
      }
    }
    return null;
  }

  /** Asks for all that there is; the request carries {@code NLM_F_DUMP}. */
  List<NetlinkMessage> dump(NetlinkRequest request, String operation) throws FramejetException {
    final Answer answer = exchange(request, operation, null);
    if (answer.messages.stream().noneMatch(m -> m.type() == Rtnetlink.NLMSG_DONE)) {
      throw malformed("list without an end: " + operation);
    }
    return answer.messages.stream()
        .filter(message -> message.type() > Rtnetlink.NLMSG_DONE)
        .collect(toUnmodifiableList());
  }

  /** Changes something; the request carries {@code NLM_F_ACK}. */
  void change(NetlinkRequest request, String operation, @Nullable String link)
      throws FramejetException {
    final Answer answer = exchange(request, operation, link);
    if (answer.messages.stream().noneMatch(m -> m.type() == Rtnetlink.NLMSG_ERROR)) {
      throw malformed("no acknowledgement of: " + operation);
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }

  private Answer exchange(NetlinkRequest request, String operation, @Nullable String link)
      throws FramejetException {
    final Answer answer =
        descriptor.use(
            fd -> {
              final int number = ++sequence;
              final byte[] bytes = request.finish(number);
              final int[] status = new int[1];
              return new Answer(
                  NetlinkNative.exchange(fd, bytes, request.length(), status), status[0], number);
            });
    answer.read(operation, link);
    return answer;
  }

  static FramejetException malformed(String detail) {
    final String message = "malformed rtnetlink answer: " + detail;
    return new FramejetException(ErrorCode.SYSTEM_ERROR, message, 0, Faults.NETLINK, null, null);
  }

  /** What came back for one request. */
  static final class Answer {
    private final byte @Nullable [] bytes;
    private final int status;
    private final int sequence;
    private List<NetlinkMessage> messages = List.of();

    Answer(byte @Nullable [] bytes, int status, int sequence) {
      this.bytes = bytes;
      this.status = status;
      this.sequence = sequence;
    }

    /** Takes it apart; throws what the kernel reported. */
    void read(String operation, @Nullable String link) throws FramejetException {
      if (bytes != null) {
        messages =
            NetlinkMessage.split(bytes).stream()
                .filter(message -> message.sequence() == sequence)
                .collect(toUnmodifiableList());
      }
      if (status < 0) {
        throw Faults.of(
            status, operation + kernelText(), Faults.NETLINK, link, Faults.CAP_NET_ADMIN);
      }
      if (bytes == null) {
        throw Faults.of(Errno.ENOMEM, operation, Faults.NETLINK, link, Faults.CAP_NET_ADMIN);
      }
    }

    List<NetlinkMessage> messages() {
      return messages;
    }

    /**
     * The kernel's own words on what it refused (NLMSGERR_ATTR_MSG, Linux 4.12), in parentheses.
     */
    private String kernelText() throws FramejetException {
      for (NetlinkMessage message : messages) {
        if (message.type() == Rtnetlink.NLMSG_ERROR
            && (message.flags() & Rtnetlink.NLM_F_ACK_TLVS) != 0) {
          final String text =
              message.attributes(errorSize(message)).getText(Rtnetlink.NLMSGERR_ATTR_MSG, "");
          return text.isEmpty() ? "" : " (" + text + ")";
        }
      }
      return "";
    }

    /**
     * struct nlmsgerr: the error, the request's header, and the request's body unless it was
     * capped.
     */
    private static int errorSize(NetlinkMessage message) throws FramejetException {
      final int capped = ERROR_CODE_SIZE + Rtnetlink.NLMSG_HDRLEN;
      message.require(capped);
      if ((message.flags() & Rtnetlink.NLM_F_CAPPED) != 0) {
        return capped;
      }
      final int echoed = message.body().getInt(ERROR_CODE_SIZE);
      if (echoed < Rtnetlink.NLMSG_HDRLEN || echoed > message.body().limit() - ERROR_CODE_SIZE) {
        throw malformed("echoed request length=" + echoed);
      }
      return ERROR_CODE_SIZE + echoed;
    }
  }
}
