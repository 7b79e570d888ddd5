package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineFaults;
import io.framejet.link.Link;
import java.util.ArrayList;
import java.util.List;

/** Which backends can inject on a link. */
public final class Backends {
  private static final int ETHERNET = 14;
  private static final List<Backend> FOR_FEW_FRAMES = List.of(Backend.SOCKET, Backend.RING);
  private static final List<Backend> FOR_STREAMS =
      List.of(Backend.XDP, Backend.XSK, Backend.RING, Backend.SOCKET);

  private Backends() {}

  /**
   * Tries each backend on {@code link} by opening it, with few slots, and closing it again; sends
   * nothing. Whether a NIC takes an XDP program is asked of the kernel, for attaching one may set
   * it up anew.
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
    try {
      if (backend == Backend.XDP && isLeftAlone(link)) {
        Engine.check(link, true);
        return BackendStatus.of(backend, BackendStatus.Role.INJECT, null);
      }
      Injector.open(link, small).close();
      return BackendStatus.of(backend, BackendStatus.Role.INJECT, null);
    } catch (FramejetException e) {
      BackendStatus status = BackendStatus.of(backend, BackendStatus.Role.INJECT, e);
      boolean byXdp = backend == Backend.XDP || backend == Backend.XSK;
      return byXdp ? status.withRemedy(EngineFaults.remedy(e, link)) : status;
    }
  }

  /**
   * Whether only trying would change the link. Where a program is attached already, ours or
   * another, it changes nothing.
   */
  private static boolean isLeftAlone(Link link) throws FramejetException {
    return !Engine.isHarmless(link) && link.refresh().xdpProgram() == 0;
  }

  /** What frames are sent for, which decides what is worth setting up. */
  public enum Job {
    /** One frame, or some hundreds: no setup pays off, and the link stays as it is. */
    FEW_FRAMES,
    /** As many as the link takes. */
    STREAM
  }

  /**
   * The best backend for a job on {@code link}, found out as {@link #check} does. For a few frames
   * that is {@code socket}. For a stream it is {@code xdp}, where frames of an XDP program are
   * known to find a receiver, else {@code xsk}, {@code ring} or {@code socket}, in this order; the
   * first two pass by the queueing discipline.
   *
   * @param longest bytes of the longest frame, without FCS; 0 for what the link's MTU allows
   * @throws FramejetException what opening the plainest of them gave, when none is available
   */
  public static BackendChoice choose(Link link, Job job, int longest) throws FramejetException {
    int frame = longest == 0 ? link.mtu() + ETHERNET : longest;
    List<BackendStatus> missing = new ArrayList<>();
    for (Backend backend : job == Job.STREAM ? FOR_STREAMS : FOR_FEW_FRAMES) {
      if (frame > backend.maxFrame()) {
        missing.add(tooLong(backend, frame));
        continue;
      }
      BackendStatus status = check(link, backend);
      if (status.available()) {
        return new BackendChoice(backend, job, List.copyOf(missing));
      }
      missing.add(status);
    }
    Injector.open(link, InjectorOptions.defaults().withBackend(Backend.SOCKET)).close();
    return new BackendChoice(Backend.SOCKET, job, List.copyOf(missing)); // it has come since
  }

  private static BackendStatus tooLong(Backend backend, int frame) {
    String reason = "its frames have at most " + backend.maxFrame() + " bytes, not " + frame;
    return new BackendStatus(backend, BackendStatus.Role.INJECT, false, reason, "");
  }
}
