package io.framejet.receive;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.engine.EngineFaults;
import io.framejet.link.Link;
import java.util.ArrayList;
import java.util.List;

/** Which backends can receive on a link. */
public final class ReceiveBackends {
  private ReceiveBackends() {}

  /** Tries each backend on {@code link} by opening it, with little memory, and closing it again. */
  public static List<BackendStatus> check(Link link) {
    List<BackendStatus> found = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      found.add(check(link, backend));
    }
    return List.copyOf(found);
  }

  /** Tries one backend on {@code link}. */
  public static BackendStatus check(Link link, Backend backend) {
    ReceiverOptions small = ReceiverOptions.defaults().withBackend(backend).withRingBytes(1 << 18);
    try (Receiver receiver = Receiver.open(link, small)) {
      return BackendStatus.of(receiver.backend(), BackendStatus.Role.RECEIVE, null);
    } catch (FramejetException e) {
      BackendStatus status = BackendStatus.of(backend, BackendStatus.Role.RECEIVE, e);
      boolean byXdp = backend == Backend.XDP || backend == Backend.XSK;
      return byXdp ? status.withRemedy(EngineFaults.remedy(e, link)) : status;
    }
  }
}
