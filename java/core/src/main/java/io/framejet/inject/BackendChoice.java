package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import java.util.List;

/**
 * What {@link Backends#choose} took, and why.
 *
 * @param backend the kernel path to open
 * @param job what it is for
 * @param passedOver those that would have been better and are not available, the best first
 */
public record BackendChoice(Backend backend, Backends.Job job, List<BackendStatus> passedOver) {
  /** Why, in one line: {@code xsk: AF_XDP, for a stream (xdp: the peer of veth v0 has ...)}. */
  public String reason() {
    StringBuilder text = new StringBuilder(backend.label()).append(": ").append(merit());
    text.append(job == Backends.Job.STREAM ? ", for a stream" : ", for a few frames");
    String separator = " (not ";
    for (BackendStatus status : passedOver) {
      text.append(separator).append(status.backend().label()).append(": ").append(cause(status));
      separator = "; not ";
    }
    return passedOver.isEmpty() ? text.toString() : text.append(')').toString();
  }

  private String merit() {
    return switch (backend) {
      case XDP -> "frames are made in the kernel, without socket buffers";
      case XSK -> "AF_XDP, memory shared with the kernel";
      case RING -> "a ring shared with the kernel";
      case SOCKET -> "one system call for each batch, nothing to set up";
      case PCAP -> "libpcap";
      case RAWIP -> "raw IP sockets";
    };
  }

  /** Without what was tried, where and by whom, which everybody knows here. */
  private static String cause(BackendStatus status) {
    String origin = "origin=linux/" + status.backend().label() + ": ";
    int at = status.reason().indexOf(origin);
    return at < 0 ? status.reason() : status.reason().substring(at + origin.length());
  }
}
