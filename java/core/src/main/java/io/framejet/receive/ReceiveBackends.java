package io.framejet.receive;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineFaults;
import io.framejet.link.Link;
import java.util.ArrayList;
import java.util.List;

/** Which backends can receive on a link. */
public final class ReceiveBackends {
  private ReceiveBackends() {}

  /**
   * Tries each backend on {@code link} by opening it, with little memory, and closing it again.
   * Whether a NIC takes an XDP program is asked of the kernel, for attaching one may set it up
   * anew.
   */
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
    boolean attaches = backend == Backend.XDP || backend == Backend.XSK;
    try {
      if (attaches && !Engine.isHarmless(link) && link.refresh().xdpProgram() == 0) {
        Engine.check(link, false);
        return BackendStatus.of(backend, BackendStatus.Role.RECEIVE, null);
      }
      Receiver.open(link, small).close();
      return BackendStatus.of(backend, BackendStatus.Role.RECEIVE, null);
    } catch (FramejetException e) {
      BackendStatus status = BackendStatus.of(backend, BackendStatus.Role.RECEIVE, e);
      return attaches ? status.withRemedy(EngineFaults.remedy(e, link)) : status;
    }
  }
}
