package io.framejet.link;

import static java.util.stream.Collectors.joining;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NetnsNative;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace: links, addresses and routes of its own (man 7 network_namespaces).
 *
 * <p>One that was found by name or path is only pointed at: nothing is held open, and when another
 * namespace has taken the path since, uses of this object fail with {@link
 * ErrorCode#NAMESPACE_NOT_FOUND} rather than reach the wrong links. An {@linkplain #anonymous
 * anonymous} one is held by a descriptor: it ends with {@link #close}, with the process ({@code
 * kill -9} included), or when this object has become unreachable, as soon as nothing else is open
 * in it.
 *
 * <p>Entering a namespace other than the calling thread's own takes {@code CAP_SYS_ADMIN}. All
 * methods are safe for use by several threads.
 */
public final class NetworkNamespace implements AutoCloseable {
  /** Where {@code ip netns} keeps the namespaces that have a name. */
  private static final Path NAMED = Path.of("/run/netns");

  /** That of the process: of its first thread, which the JVM never moves. */
  private static final Path OWN = Path.of("/proc/self/ns/net");

  /** What the calling thread entered by {@link #call}. */
  private static final ThreadLocal<@Nullable NetworkNamespace> ENTERED = new ThreadLocal<>();

  /** In place of the descriptor of the former namespace. */
  private static final int STAYED = -1;

  private static final @Nullable Method IS_VIRTUAL = isVirtualMethod();

  static {
    Descriptor.startCleaner();
  }

  private final String label;
  private final long inode;
  private final @Nullable Path path;
  private final @Nullable Descriptor descriptor;

  /** One that is pointed at. */
  private NetworkNamespace(String label, Path path, long inode) {
    this.label = label;
    this.path = path;
    this.inode = inode;
    this.descriptor = null;
  }

  /** One that is held. */
  private NetworkNamespace(int fd, long inode) {
    this.label = "anonymous/" + inode;
    this.path = null;
    this.inode = inode;
    this.descriptor = new Descriptor(this, "network namespace " + label, fd, NetnsNative::close);
  }

  /**
   * The namespace that the calling thread is in: the one it entered by {@link #call}, else that of
   * the process.
   *
   * @throws FramejetException if the native library cannot be loaded or {@code /proc} is not there
   */
  public static NetworkNamespace current() throws FramejetException {
    NativeLibrary.ensureLoaded();
    final NetworkNamespace entered = ENTERED.get();
    if (entered != null) {
      return entered;
    }
    final long own = inodeAt(OWN);
    final int fd = check(NetnsNative.open(null), "open the thread's network namespace");
    final long here = NetnsNative.inode(fd);
    if (here == own) {
      NetnsNative.close(fd);
      return new NetworkNamespace("of this process", OWN, own);
    }
    // A thread that was begun inside another namespace: no path leads there, so hold it.
    return new NetworkNamespace(fd, here);
  }

  /**
   * The namespace that {@code ip netns add} gave this name: {@code /run/netns/NAME}.
   *
   * @throws FramejetException {@link ErrorCode#NAMESPACE_NOT_FOUND}, naming those that exist;
   *     {@link ErrorCode#PERMISSION_DENIED} when the process may not enter it
   */
  public static NetworkNamespace named(String name) throws FramejetException {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\0') >= 0) {
      throw notFound("network namespace '" + name + "'");
    }
    return pointedAt(name, NAMED.resolve(name));
  }

  /**
   * The namespace that a path leads to, such as {@code /proc/4711/ns/net}.
   *
   * @throws FramejetException {@link ErrorCode#NAMESPACE_NOT_FOUND} when there is nothing at that
   *     path, or something that is no network namespace; {@link ErrorCode#PERMISSION_DENIED} when
   *     the process may not enter it
   */
  public static NetworkNamespace at(Path path) throws FramejetException {
    return pointedAt(path.toString(), path.toAbsolutePath());
  }

  /** {@link #at} when the text has a slash, else {@link #named}. */
  public static NetworkNamespace of(String nameOrPath) throws FramejetException {
    return nameOrPath.indexOf('/') >= 0 && nameOrPath.indexOf('\0') < 0
        ? at(Path.of(nameOrPath))
        : named(nameOrPath);
  }

  /**
   * A new namespace without a name. It holds one link, {@code lo}, which is down. The calling
   * thread stays where it is.
   *
   * @throws FramejetException {@link ErrorCode#PERMISSION_DENIED} without {@code CAP_SYS_ADMIN}
   */
  public static NetworkNamespace anonymous() throws FramejetException {
    NativeLibrary.ensureLoaded();
    final int fd = check(NetnsNative.create(), "create a network namespace");
    return new NetworkNamespace(fd, NetnsNative.inode(fd));
  }

  /**
   * What the calling thread gives to open(2) in order to reach this namespace, or null when it is
   * in it already. To be used at once: another thread, or the same thread elsewhere, may need
   * another path. For an anonymous namespace it is {@code /proc/self/fd/N}.
   *
   * @throws FramejetException {@link ErrorCode#CLOSED}, or {@link ErrorCode#NAMESPACE_NOT_FOUND}
   *     when it has gone or was replaced
   */
  public @Nullable String path() throws FramejetException {
    if (isCurrent()) {
      return null;
    }
    if (path == null) {
      return "/proc/self/fd/" + withDescriptor(fd -> fd);
    }
    withDescriptor(fd -> fd);
    return path.toString();
  }

  /**
   * What another process gives to open(2), or to {@code nsenter --net=}, in order to reach this
   * namespace for as long as this process runs and has not closed it: {@code /proc/PID/fd/N} for an
   * anonymous one.
   *
   * @throws FramejetException {@link ErrorCode#CLOSED}
   */
  public String externalPath() throws FramejetException {
    final String here =
        path == null ? "/proc/self/fd/" + withDescriptor(fd -> fd) : path.toString();
    final String self = "/proc/self/";
    return here.startsWith(self)
        ? "/proc/" + ProcessHandle.current().pid() + "/" + here.substring(self.length())
        : here;
  }

  /**
   * Its number in the kernel: what {@code ls -L -i} shows for its path. Same number, same
   * namespace.
   */
  public long inode() {
    return inode;
  }

  /** Whether both are the same namespace, however they were found. */
  public boolean isSame(NetworkNamespace other) {
    return inode == other.inode;
  }

  /**
   * Whether the calling thread is in this namespace.
   *
   * @throws FramejetException {@link ErrorCode#CLOSED}
   */
  public boolean isCurrent() throws FramejetException {
    if (descriptor != null) {
      descriptor.use(fd -> fd);
    }
    final int fd = check(NetnsNative.open(null), "open the thread's network namespace");
    final long here = NetnsNative.inode(fd);
    NetnsNative.close(fd);
    return here == inode;
  }

  /** What runs inside a namespace. */
  @FunctionalInterface
  public interface Action<T, E extends Exception> {
    /** Runs on the thread that called {@link NetworkNamespace#call}. */
    T call() throws E;
  }

  /**
   * Runs the action on the calling thread inside this namespace, and moves the thread back,
   * whatever the action throws. Calls may be nested. {@link #current} gives this namespace
   * meanwhile.
   *
   * <p>A thread that the action starts begins, and stays, in this namespace, and keeps it in being;
   * so does the thread that the JDK starts beside a process. Sockets opened inside stay inside. Not
   * for virtual threads, which share the thread that would be moved.
   *
   * @throws E what the action throws
   * @throws FramejetException when the namespace cannot be entered (the action has not run then:
   *     {@link ErrorCode#PERMISSION_DENIED}, {@link ErrorCode#CLOSED}, {@link
   *     ErrorCode#NAMESPACE_NOT_FOUND}, or {@link ErrorCode#NOT_SUPPORTED} on a virtual thread), or
   *     cannot be left
   */
  public <T, E extends Exception> T call(Action<T, E> action) throws E, FramejetException {
    refuseVirtualThread();
    final NetworkNamespace before = ENTERED.get();
    final int former =
        isCurrent()
            ? STAYED
            : check(withDescriptor(NetnsNative::enter), "enter network namespace " + this);
    ENTERED.set(this);
    @Nullable Throwable thrown = null;
    try {
      return action.call();
    } catch (Throwable t) {
      thrown = t;
      throw t;
    } finally {
      if (before == null) {
        ENTERED.remove();
      } else {
        ENTERED.set(before);
      }
      leave(former, thrown);
    }
  }

  /**
   * Sets a kernel parameter of this namespace.
   *
   * @param key its path below {@code /proc/sys}, which must begin with {@code net/}: {@code
   *     net/ipv6/conf/all/disable_ipv6}
   * @param value as it would be written to the file
   * @throws FramejetException {@link ErrorCode#NOT_SUPPORTED} when this kernel has no such
   *     parameter; {@link ErrorCode#PERMISSION_DENIED}
   * @throws IllegalArgumentException if the key is not one below {@code net/}
   */
  public void sysctl(String key, String value) throws FramejetException {
    if (!key.startsWith("net/") || key.contains("..") || key.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("key=" + key + " is no path below net/");
    }
    final int status = withDescriptor(fd -> NetnsNative.writeSysctl(fd, "/proc/sys/" + key, value));
    if (status == -Errno.ENOENT) {
      final String message = "this kernel has no parameter /proc/sys/" + key;
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED, message, Errno.ENOENT, Faults.NETNS, null, null);
    }
    if (status < 0) {
      throw fault(status, "write '" + value + "' to /proc/sys/" + key + " in " + this);
    }
  }

  /**
   * Gives up an anonymous namespace; it ends as soon as nothing is open in it. Does nothing for one
   * that was found by name or path, and nothing the second time.
   */
  @Override
  public void close() {
    if (descriptor != null) {
      descriptor.close();
    }
  }

  /** A name for messages: the name or path it was found by. */
  @Override
  public String toString() {
    return label;
  }

  /**
   * What {@code use} gives for an open descriptor of this namespace, which is open only for that
   * long if it is not one that is held.
   */
  <T, E extends Exception> T withDescriptor(Descriptor.Use<T, E> use) throws E, FramejetException {
    if (descriptor != null) {
      return descriptor.use(use);
    }
    final int fd = openPath(toString(), pathOrFail());
    try {
      if (NetnsNative.inode(fd) != inode) {
        throw notFound("network namespace " + this + ", since another one has taken its path,");
      }
      return use.apply(fd);
    } finally {
      NetnsNative.close(fd);
    }
  }

  /**
   * Opens something in this namespace, which stays open and the same meanwhile.
   *
   * @param use gets what the calling thread gives to open(2) in order to reach this namespace, or
   *     null when it is in it already; what it returns is returned
   * @throws FramejetException {@link ErrorCode#CLOSED}, or {@link ErrorCode#NAMESPACE_NOT_FOUND}
   *     when it has gone or was replaced
   */
  public long withPathAsLong(ToLongFunction<@Nullable String> use) throws FramejetException {
    return isCurrent()
        ? use.applyAsLong(null)
        : this.<Long, FramejetException>withDescriptor(
            fd -> use.applyAsLong("/proc/self/fd/" + fd));
  }

  int withPath(ToIntFunction<@Nullable String> use) throws FramejetException {
    return (int) withPathAsLong(use::applyAsInt);
  }

  private static NetworkNamespace pointedAt(String label, Path path) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final int fd = openPath("network namespace '" + label + "'", path);
    try {
      final NetworkNamespace namespace = new NetworkNamespace(label, path, NetnsNative.inode(fd));
      if (!namespace.isCurrent()) {
        tryToEnter(fd, namespace);
      }
      return namespace;
    } finally {
      NetnsNative.close(fd);
    }
  }

  /** Any file can be opened; only a network namespace can be entered. */
  private static void tryToEnter(int fd, NetworkNamespace namespace) throws FramejetException {
    final int former = NetnsNative.enter(fd);
    if (former == -Errno.EINVAL) {
      throw notFound("network namespace at " + namespace.path);
    }
    if (former < 0) {
      throw fault(former, "enter network namespace " + namespace);
    }
    leave(former, null);
  }

  private static void leave(int former, @Nullable Throwable thrown) throws FramejetException {
    final int status = former == STAYED ? 0 : NetnsNative.leave(former);
    if (status < 0) {
      final FramejetException fault = fault(status, "move the thread back to its namespace");
      if (thrown != null) {
        fault.addSuppressed(thrown);
      }
      throw fault;
    }
  }

  private Path pathOrFail() {
    if (path == null) {
      throw new IllegalStateException("an anonymous namespace has a descriptor");
    }
    return path;
  }

  private static int openPath(String what, Path path) throws FramejetException {
    final int fd = NetnsNative.open(path.toString());
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR || fd == -Errno.ENXIO) {
      throw notFound(what);
    }
    return check(fd, "open " + what);
  }

  private static long inodeAt(Path path) throws FramejetException {
    final int fd = check(NetnsNative.open(path.toString()), "open " + path);
    final long inode = NetnsNative.inode(fd);
    NetnsNative.close(fd);
    return inode;
  }

  private static int check(int fd, String operation) throws FramejetException {
    if (fd < 0) {
      throw fault(fd, operation);
    }
    return fd;
  }

  private static FramejetException fault(int error, String operation) {
    return Faults.of(error, operation, Faults.NETNS, null, Faults.CAP_SYS_ADMIN);
  }

  private static FramejetException notFound(String what) {
    final String message = "there is no " + what + "; " + existing();
    return new FramejetException(
        ErrorCode.NAMESPACE_NOT_FOUND, message, Errno.ENOENT, Faults.NETNS, null, null);
  }

  private static String existing() {
    try (Stream<Path> entries = Files.list(NAMED)) {
      final String names =
          entries.map(entry -> String.valueOf(entry.getFileName())).sorted().collect(joining(", "));
      return names.isEmpty() ? "none has a name under " + NAMED : NAMED + " has: " + names;
    } catch (IOException e) {
      return "none has a name under " + NAMED;
    }
  }

  private static void refuseVirtualThread() throws FramejetException {
    try {
      if (IS_VIRTUAL != null && Boolean.TRUE.equals(IS_VIRTUAL.invoke(Thread.currentThread()))) {
        throw new FramejetException(
            ErrorCode.NOT_SUPPORTED,
            "a virtual thread cannot enter a network namespace; use a platform thread");
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Thread.isVirtual of Java 21; null on an older one. */
  private static @Nullable Method isVirtualMethod() {
    try {
      return Thread.class.getMethod("isVirtual");
    } catch (NoSuchMethodException e) {
      return null;
    }
  }
}
