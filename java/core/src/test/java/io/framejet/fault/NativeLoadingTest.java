package io.framejet.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.FramejetException;
import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults 20 to 22: where the native library can not be loaded from the jar. */
class NativeLoadingTest {
  @TempDir private Path folder;
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.answering();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Command sweep(String classPath, String... options) {
    return ChildJvm.running(
        classPath,
        SweepProgram.class.getName(),
        List.of(options),
        VethLab.NEAR,
        "10.77.1.0/28",
        "max");
  }

  @Test
  void shouldSayThatTheTempFolderIsMountedNoexec() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Path temp = Files.createDirectory(folder.resolve("temp"));
    // In a mount namespace of its own: nobody else sees this mount.
    String mount =
        "mount -t tmpfs -o noexec,nosuid tmpfs "
            + temp
            + " && \"$@\"; code=$?; ls -A "
            + temp
            + "; exit $code";
    String[] inside = {"unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh"};
    Command.Result result =
        sweep(ChildJvm.classPath(), "-Djava.io.tmpdir=" + temp)
            .by(inside)
            .in(lab.nearNamespace())
            .run();
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(3);
    assertThat(result.output())
        .contains("code=NATIVE_LOAD_FAILED")
        .contains("noexec")
        .contains(temp.toString())
        .contains("-Dframejet.native.dir")
        .hasLineCount(1); // and nothing is left in it

    result =
        sweep(ChildJvm.classPath(), "-Djava.io.tmpdir=" + temp, "-Dframejet.native.dir=" + other)
            .by(inside)
            .in(lab.nearNamespace())
            .run();
    assertThat(result.output()).as(result.toString()).isEqualTo("up=16 backend=ring\n");
    assertThat(Library.list(other)).isEmpty();
  }

  @Test
  void shouldRefuseALibraryThatWasTamperedWith() throws IOException {
    List<Path> copies = Library.copyTo(folder, Library.entries());
    Path library;
    try (Stream<Path> files = Files.walk(copies.get(0))) {
      library = files.filter(file -> file.endsWith("libframejet.so")).findFirst().orElse(null);
    }
    if (library == null) {
      return; // a jar: its content is the same, and the folder stands for it elsewhere
    }
    byte[] bytes = Files.readAllBytes(library);
    bytes[bytes.length / 2] ^= 1;
    Files.write(library, bytes);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    copies.add(Library.home(SweepProgram.class));
    Command.Result result =
        sweep(Library.classPath(copies), "-Djava.io.tmpdir=" + temp).in(lab.nearNamespace()).run();
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(3);
    assertThat(result.output()).contains("code=NATIVE_INTEGRITY").contains("sha256=");
    assertThat(Library.list(temp)).isEmpty();
  }

  @Test
  void shouldNotFollowALinkThatSomebodyPutThere() throws IOException {
    // Whoever may write to the temp folder can guess at names; every name that is taken is left
    // alone.
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    List<Path> traps = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      traps.add(Files.createSymbolicLink(temp.resolve("framejet-" + i), victim));
    }
    Files.createSymbolicLink(temp.resolve("libframejet.so"), victim);
    Command.Result result =
        sweep(ChildJvm.classPath(), "-Djava.io.tmpdir=" + temp).in(lab.nearNamespace()).run();
    assertThat(result.output()).as(result.toString()).isEqualTo("up=16 backend=ring\n");
    assertThat(victim).hasContent("precious");
    assertThat(Library.list(temp)).hasSize(traps.size() + 1);
  }

  @Test
  void shouldListWhatIsBundledOnAnotherPlatform() throws FramejetException {
    Command.Result result =
        sweep(ChildJvm.classPath(), "-Dos.arch=sparcv9").in(lab.nearNamespace()).run();
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(3);
    assertThat(result.output())
        .contains("code=NOT_SUPPORTED")
        .contains("linux-sparcv9")
        .contains("bundled: linux-")
        .contains("-Dframejet.native.path");
  }

  @Test
  void shouldSayThatANamedLibraryIsNotThere() throws FramejetException {
    Command.Result result =
        sweep(ChildJvm.classPath(), "-Dframejet.native.path=/nowhere/libframejet.so")
            .in(lab.nearNamespace())
            .run();
    assertThat(result.output())
        .contains("code=NATIVE_LOAD_FAILED")
        .contains("/nowhere/libframejet.so");
  }

  @Test
  void shouldLoadALibraryByItsName() throws IOException {
    Path home = Library.home(FramejetException.class);
    Path library;
    try (Stream<Path> files = Files.walk(home)) {
      library = files.filter(file -> file.endsWith("libframejet.so")).findFirst().orElse(null);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (library == null) {
      return; // a jar
    }
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Command.Result result =
        sweep(ChildJvm.classPath(), "-Dframejet.native.path=" + library, "-Djava.io.tmpdir=" + temp)
            .in(lab.nearNamespace())
            .run();
    assertThat(result.output()).as(result.toString()).isEqualTo("up=16 backend=ring\n");
    assertThat(Library.list(temp)).isEmpty();
  }
}
