package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.link.Link;
import java.util.ArrayList;
import java.util.List;

/** Which backends can inject on a link. */
public final class Backends {
  private Backends() {}

  /**
   * Tries each backend on {@code link} by opening it, with few slots, and closing it again; sends
   * nothing.
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
    InjectorOptions small =
        InjectorOptions.defaults().withBackend(backend).withBatch(1).withSlots(16);
    try (Injector injector = Injector.open(link, small)) {
      return BackendStatus.of(injector.backend(), BackendStatus.Role.INJECT, null);
    } catch (FramejetException e) {
      return BackendStatus.of(backend, BackendStatus.Role.INJECT, e);
    }
  }
}
