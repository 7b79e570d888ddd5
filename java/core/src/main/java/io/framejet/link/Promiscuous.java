package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.PromiscNative;
import java.lang.ref.Cleaner;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Promiscuous mode of a link for as long as this is open: it then receives frames for all MAC
 * addresses. Several holders, on one {@link Link} object or on several, do not get in each other's
 * way; the mode ends with the last. Safe for use by several threads. Closing it is the owner's
 * task; a holder that has become unreachable is closed too.
 */
public final class Promiscuous implements AutoCloseable {

  /** How the kernel is asked for it. */
  public enum Mode {
    /**
     * A membership of a packet socket (PACKET_MR_PROMISC, man 7 packet). It ends with its holder,
     * {@code kill -9} included. {@code ip link} does not show it as a flag; {@code ip -d link}
     * counts it under {@code promiscuity}. Takes {@code CAP_NET_RAW}.
     */
    MEMBERSHIP,
    /**
     * The flag that {@code ip link set LINK promisc on} sets (SIOCSIFFLAGS, man 7 netdevice), for
     * tools that look at the flag, and a membership besides, which keeps the mode should somebody
     * clear the flag. The last holder in this JVM restores the flag's former state, at the latest
     * when the JVM shuts down; after a {@code kill -9} <b>the flag stays set</b>. Takes {@code
     * CAP_NET_RAW} and {@code CAP_NET_ADMIN}.
     */
    FLAG
  }

  private final Mode mode;
  private final Cleaner.Cleanable cleanable;

  private Promiscuous(Mode mode, Runnable release) {
    this.mode = mode;
    this.cleanable = Descriptor.onUnreachable(this, release);
  }

  /**
   * Switches it on.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}; {@link ErrorCode#PERMISSION_DENIED},
   *     naming the missing capability; {@link ErrorCode#NOT_SUPPORTED} for the flag while the JVM
   *     shuts down, since nobody would restore it
   */
  public static Promiscuous enable(Link link, Mode mode) throws FramejetException {
    if (mode == Mode.FLAG) {
      final Flag flag = Flag.acquire(link);
      return new Promiscuous(mode, flag::release);
    }
    final int fd = openMembership(link);
    return new Promiscuous(mode, () -> PromiscNative.close(fd));
  }

  /** How it was asked for. */
  public Mode mode() {
    return mode;
  }

  /**
   * Ends it, unless others hold it too. Does nothing the second time, nor when the link is gone. A
   * flag that cannot be restored, for want of a capability that has been given up since, is logged
   * as a warning.
   */
  @Override
  public void close() {
    cleanable.clean();
  }

  private static int openMembership(Link link) throws FramejetException {
    final int fd = link.namespace().withPath(path -> PromiscNative.open(path, link.index()));
    if (fd < 0) {
      throw fault(fd, link, "switch on promiscuous mode", Faults.CAP_NET_RAW);
    }
    return fd;
  }

  private static FramejetException fault(
      int error, Link link, String operation, String capability) {
    final FramejetException fault =
        Faults.of(error, operation, Faults.PROMISC, link.name(), capability);
    return Link.isMissing(fault) ? link.gone() : fault;
  }

  /** The flag of one link, held once or more in this JVM. All of it is guarded by {@link #HELD}. */
  private static final class Flag {
    private static final Logger LOG = LoggerFactory.getLogger(Promiscuous.class);

    /** What is held, by the link's identity. */
    private static final Map<Key, Flag> HELD = new HashMap<>();

    /** Registered while anything is held. */
    private static @Nullable Thread shutdownHook;

    /** Set by the hook: from then on nobody would restore a flag. */
    private static boolean shutDown;

    private final Key key;
    private final String name;

    /**
     * The membership. Its socket also leads to the link, wherever the thread that closes this is.
     */
    private final int fd;

    private boolean restorable;
    private int holders;

    private record Key(long namespace, int index) {}

    private Flag(Key key, String name, int fd) {
      this.key = key;
      this.name = name;
      this.fd = fd;
    }

    static Flag acquire(Link link) throws FramejetException {
      final Key key = new Key(link.namespace().inode(), link.index());
      synchronized (HELD) {
        if (shutDown) {
          throw shuttingDown(link, null);
        }
        Flag flag = HELD.get(key);
        if (flag == null) {
          registerHook(link);
          flag = new Flag(key, link.name(), openOrUnregister(link));
          try {
            flag.set(link);
          } catch (FramejetException e) {
            PromiscNative.close(flag.fd);
            unregisterHookIfIdle();
            throw e;
          }
          HELD.put(key, flag);
        }
        flag.holders++;
        return flag;
      }
    }

    void release() {
      synchronized (HELD) {
        if (--holders == 0) {
          HELD.remove(key);
          restore();
          PromiscNative.close(fd);
          unregisterHookIfIdle();
        }
      }
    }

    private static int openOrUnregister(Link link) throws FramejetException {
      try {
        return openMembership(link);
      } catch (FramejetException e) {
        unregisterHookIfIdle();
        throw e;
      }
    }

    private void set(Link link) throws FramejetException {
      final int flags = PromiscNative.flags(fd, key.index);
      if (flags < 0) {
        throw fault(flags, link, "read the flags", Faults.CAP_NET_RAW);
      }
      if ((flags & Rtnetlink.IFF_PROMISC) != 0) {
        return; // somebody else's: it stays
      }
      final int status = PromiscNative.change(fd, key.index, Rtnetlink.IFF_PROMISC, 0);
      if (status < 0) {
        throw fault(status, link, "set the promiscuous flag", Faults.CAP_NET_ADMIN);
      }
      restorable = true;
    }

    private void restore() {
      if (!restorable) {
        return;
      }
      restorable = false;
      final int status = PromiscNative.change(fd, key.index, 0, Rtnetlink.IFF_PROMISC);
      if (status < 0) {
        final FramejetException fault =
            Faults.of(
                status, "clear the promiscuous flag", Faults.PROMISC, name, Faults.CAP_NET_ADMIN);
        if (!Link.isMissing(fault)) {
          LOG.warn("The promiscuous flag of link {} stays set: {}", name, fault.getMessage());
        }
      }
    }

    /** Before the flag is set, so that it is never set without anybody to restore it. */
    private static void registerHook(Link link) throws FramejetException {
      if (shutdownHook != null) {
        return;
      }
      final Thread hook = new Thread(Flag::restoreAll, "framejet-promiscuous-restore");
      try {
        Runtime.getRuntime().addShutdownHook(hook);
      } catch (IllegalStateException e) {
        throw shuttingDown(link, e);
      }
      shutdownHook = hook;
    }

    private static FramejetException shuttingDown(Link link, @Nullable Throwable cause) {
      final String message = "the JVM is shutting down: the promiscuous flag would stay set";
      return new FramejetException(
          ErrorCode.NOT_SUPPORTED, message, 0, Faults.PROMISC, link.name(), cause);
    }

    private static void unregisterHookIfIdle() {
      if (!HELD.isEmpty() || shutdownHook == null) {
        return;
      }
      try {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
        shutdownHook = null;
      } catch (IllegalStateException e) {
        LOG.trace("The hook stays registered, since the JVM is shutting down.", e);
      }
    }

    private static void restoreAll() {
      synchronized (HELD) {
        shutDown = true;
        HELD.values().forEach(Flag::restore);
      }
    }
  }
}
