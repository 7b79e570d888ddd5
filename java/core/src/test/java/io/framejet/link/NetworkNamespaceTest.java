package io.framejet.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.testing.Privileges;
import java.lang.reflect.Method;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespaceTest {
  /** What the kernel says of the calling thread: {@code net:[4026531840]}. */
  private static long inodeOfThread() throws Exception {
    final String link = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    return Long.parseLong(link.replaceAll("\\D", ""));
  }

  @Test
  void shouldKnowTheCurrentOne() throws Exception {
    final NetworkNamespace current = NetworkNamespace.current();
    assertThat(current.inode()).isEqualTo(inodeOfThread());
    assertThat(current.path()).isNull();
    assertThat(current.isCurrent()).isTrue();
    assertThat(current.externalPath())
        .isEqualTo("/proc/" + ProcessHandle.current().pid() + "/ns/net");
    assertThat(NetworkNamespace.at(Path.of("/proc/self/ns/net")).isSame(current)).isTrue();
    current.close();
    assertThat(NetworkNamespace.current().isSame(current)).isTrue();
  }

  @Test
  void shouldMoveTheThreadThereAndBack() throws Exception {
    Privileges.require();
    final long home = inodeOfThread();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      assertThat(inodeOfThread()).isEqualTo(home);
      assertThat(namespace.inode()).isNotEqualTo(home);
      assertThat(namespace.path()).startsWith("/proc/self/fd/");
      final long inside =
          namespace.<Long, Exception>call(
              () -> {
                assertThat(namespace.path()).isNull();
                assertThat(NetworkNamespace.current()).isSameAs(namespace);
                return inodeOfThread();
              });
      assertThat(inside).isEqualTo(namespace.inode());
      assertThat(inodeOfThread()).isEqualTo(home);
    }
  }

  @Test
  void shouldMoveTheThreadBackWhateverTheActionThrows() throws Exception {
    Privileges.require();
    final long home = inodeOfThread();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  namespace.call(
                      () -> {
                        throw new IllegalStateException("on purpose");
                      }))
          .withMessage("on purpose");
      assertThat(inodeOfThread()).isEqualTo(home);
      assertThatExceptionOfType(AssertionError.class)
          .isThrownBy(
              () ->
                  namespace.call(
                      () -> {
                        throw new AssertionError("an error");
                      }));
      assertThat(inodeOfThread()).isEqualTo(home);
      assertThat(NetworkNamespace.current().inode()).isEqualTo(home);
    }
  }

  @Test
  void shouldNest() throws Exception {
    Privileges.require();
    final long home = inodeOfThread();
    try (NetworkNamespace outer = NetworkNamespace.anonymous();
        NetworkNamespace inner = NetworkNamespace.anonymous()) {
      outer.<Object, Exception>call(
          () -> {
            inner.<Object, Exception>call(
                () -> {
                  assertThat(inodeOfThread()).isEqualTo(inner.inode());
                  return outer.<Object, Exception>call(
                      () -> {
                        assertThat(inodeOfThread()).isEqualTo(outer.inode());
                        return "";
                      });
                });
            assertThat(inodeOfThread()).isEqualTo(outer.inode());
            assertThat(NetworkNamespace.current()).isSameAs(outer);
            return "";
          });
      assertThat(inodeOfThread()).isEqualTo(home);
    }
  }

  @Test
  void shouldGoOnLeadingToTheSameNamespaceFromElsewhere() throws Exception {
    Privileges.require();
    final Link lo = Link.find("lo");
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      final Link insideLo = namespace.<Link, FramejetException>call(() -> Link.find("lo"));
      assertThat(insideLo.isSame(lo)).isFalse();
      assertThat(insideLo.refresh().isUp()).isFalse();
      assertThat(lo.refresh().isUp()).isTrue();
      // Both links have index 1: only the namespace tells them apart.
      final boolean up = namespace.<Boolean, FramejetException>call(() -> lo.refresh().isUp());
      assertThat(up).isTrue();
    }
  }

  @Test
  void shouldHoldTheNamespaceThatAThreadWasBornIn() throws Exception {
    Privileges.require();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      final FutureTask<NetworkNamespace> task =
          new FutureTask<>((Callable<NetworkNamespace>) NetworkNamespace::current);
      final Thread thread = new Thread(task);
      namespace.call(
          () -> {
            thread.start();
            return "";
          });
      try (NetworkNamespace born = task.get()) {
        thread.join();
        assertThat(born.isSame(namespace)).isTrue();
        assertThat(born.isCurrent()).isFalse();
        assertThat(Link.all(born)).extracting(Link::name).containsExactly("lo");
      }
    }
  }

  @Test
  void shouldLeaveNoThreadOfItsOwnInside() throws Exception {
    Privileges.require();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous();
        Commands.Child child = Commands.start(Visitor.class, namespace.externalPath())) {
      assertThat(child.firstLine()).isEqualTo("lo, threads elsewhere: 0");
    }
  }

  /** Uses the package for the first time inside a namespace that it only points at. */
  static final class Visitor {
    private Visitor() {}

    public static void main(String[] arguments) throws Exception {
      final NetworkNamespace namespace = NetworkNamespace.at(Path.of(arguments[0]));
      final String name =
          namespace.<String, FramejetException>call(
              () -> {
                final Link lo = Link.find("lo");
                Promiscuous.enable(lo, Promiscuous.Mode.MEMBERSHIP).close();
                return lo.name();
              });
      final Path home = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      int elsewhere = 0;
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
        for (Path thread : threads) {
          elsewhere += Files.readSymbolicLink(thread.resolve("ns/net")).equals(home) ? 0 : 1;
        }
      }
      System.out.println(name + ", threads elsewhere: " + elsewhere);
    }
  }

  @Test
  void shouldRefuseAVirtualThread() throws Exception {
    final Method start;
    try {
      start = Thread.class.getMethod("startVirtualThread", Runnable.class);
    } catch (NoSuchMethodException e) {
      Assumptions.abort("needs Java 21");
      return;
    }
    final NetworkNamespace current = NetworkNamespace.current();
    final FutureTask<String> task = new FutureTask<>(() -> current.call(() -> ""));
    start.invoke(null, task);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(task::get)
        .havingCause()
        .isInstanceOf(FramejetException.class)
        .withMessageContaining("platform thread");
  }

  @Test
  void shouldFindOneByNameAndByPath() throws Exception {
    Privileges.require();
    final String name = "fjtest" + ProcessHandle.current().pid();
    Commands.run(List.of("ip", "netns", "add", name));
    try {
      final NetworkNamespace namespace = NetworkNamespace.named(name);
      assertThat(namespace.path()).isEqualTo("/run/netns/" + name);
      assertThat(namespace.externalPath()).isEqualTo("/run/netns/" + name);
      assertThat(NetworkNamespace.of(name).isSame(namespace)).isTrue();
      assertThat(NetworkNamespace.of("/run/netns/" + name).isSame(namespace)).isTrue();
      assertThat(Link.all(namespace)).extracting(Link::name).containsExactly("lo");
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> NetworkNamespace.named(name + "x"))
          .matches(e -> e.code() == ErrorCode.NAMESPACE_NOT_FOUND)
          .withMessageContaining("/run/netns has: ")
          .withMessageContaining(name);
      Commands.run(List.of("ip", "netns", "del", name));
      assertNotFound(() -> Link.all(namespace));
      assertNotFound(namespace::path);
      assertNotFound(() -> namespace.call(() -> ""));
    } finally {
      Commands.run(List.of("sh", "-c", "ip netns del " + name + " 2>/dev/null || true"));
    }
  }

  @Test
  void shouldNotFollowANameToAnotherNamespace(@TempDir Path folder) throws Exception {
    Privileges.require();
    final Path path = folder.resolve("ns");
    try (NetworkNamespace first = NetworkNamespace.anonymous();
        NetworkNamespace second = NetworkNamespace.anonymous()) {
      Files.createSymbolicLink(path, Path.of(first.externalPath()));
      final NetworkNamespace namespace = NetworkNamespace.at(path);
      assertThat(namespace.isSame(first)).isTrue();
      Files.delete(path);
      Files.createSymbolicLink(path, Path.of(second.externalPath()));
      assertNotFound(() -> Link.all(namespace));
      assertNotFound(() -> namespace.call(() -> ""));
    }
  }

  @Test
  void shouldRefuseWhatIsNoNamespace(@TempDir Path folder) throws Exception {
    Privileges.require();
    final Path file = Files.createFile(folder.resolve("file"));
    assertNotFound(() -> NetworkNamespace.at(file));
    assertNotFound(() -> NetworkNamespace.at(folder));
    assertNotFound(() -> NetworkNamespace.at(file.resolve("below")));
    assertNotFound(() -> NetworkNamespace.of(""));
    assertNotFound(() -> NetworkNamespace.of(".."));
    assertNotFound(() -> NetworkNamespace.named("a/b"));
    assertNotFound(() -> NetworkNamespace.at(Path.of("/proc/self/ns/mnt")));
  }

  @Test
  void shouldRefuseUseAfterClose() throws Exception {
    Privileges.require();
    final NetworkNamespace namespace = NetworkNamespace.anonymous();
    final Link lo = Link.find("lo", namespace);
    final long descriptors = Commands.descriptors();
    namespace.close();
    namespace.close();
    assertThat(Commands.descriptors()).isLessThan(descriptors);
    for (Callable<?> use :
        List.<Callable<?>>of(
            namespace::path,
            namespace::externalPath,
            namespace::isCurrent,
            lo::refresh,
            () -> namespace.call(() -> ""),
            () -> Promiscuous.enable(lo, Promiscuous.Mode.MEMBERSHIP))) {
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(use::call)
          .matches(e -> e.code() == ErrorCode.CLOSED);
    }
  }

  @Test
  void shouldCloseOneThatWasForgotten() throws Exception {
    Privileges.require();
    try (NetworkNamespace witness = NetworkNamespace.anonymous()) {
      forget(witness);
      assertThat(Link.all(witness)).extracting(Link::name).containsExactly("lo", "peer0");
      Commands.await(
          "namespace gone, and the veth pair with it",
          () -> {
            System.gc();
            return Link.all(witness).size() == 1;
          });
    }
  }

  private static void forget(NetworkNamespace witness) throws FramejetException {
    LinkEditor.of(NetworkNamespace.anonymous()).addVeth("veth0", "peer0", witness);
  }

  @Test
  void shouldSetKernelParameters() throws Exception {
    Privileges.require();
    try (NetworkNamespace namespace = NetworkNamespace.anonymous()) {
      final String key = "net/ipv4/ip_default_ttl";
      final String before = Files.readString(Path.of("/proc/sys/" + key));
      namespace.sysctl(key, "77");
      final String inside =
          Commands.run(
              List.of("nsenter", "--net=" + namespace.externalPath(), "cat", "/proc/sys/" + key));
      assertThat(inside.strip()).isEqualTo("77");
      assertThat(Files.readString(Path.of("/proc/sys/" + key))).isEqualTo(before);
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> namespace.sysctl("net/ipv4/no_such_parameter", "1"))
          .matches(e -> e.code() == ErrorCode.NOT_SUPPORTED);
      for (String bad : List.of("kernel/hostname", "net/../kernel/hostname", "/etc/passwd")) {
        assertThatIllegalArgumentException().isThrownBy(() -> namespace.sysctl(bad, "1"));
      }
    }
  }

  private static void assertNotFound(Callable<?> use) {
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(use::call)
        .matches(e -> e.code() == ErrorCode.NAMESPACE_NOT_FOUND);
  }
}
