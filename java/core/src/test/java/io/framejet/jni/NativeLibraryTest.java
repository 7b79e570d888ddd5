package io.framejet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {
  private static final byte[] NO_LIBRARY = "not an ELF file".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private static byte[] digest(byte[] content) throws Exception {
    final byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(content);
    return (HexFormat.of().formatHex(sha256) + "  libframejet.so\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static NativeLibrary.Bundle bundle(byte[] library, byte[] digest) {
    return Map.of(
            "index", "linux-x86_64\nlinux-aarch_64\n".getBytes(StandardCharsets.UTF_8),
            "linux-x86_64/libframejet.so", library,
            "linux-x86_64/libframejet.so.sha256", digest)
        ::get;
  }

  private FramejetException load(NativeLibrary.Bundle bundle, String platform, Path into) {
    return catchThrowableOfType(
        FramejetException.class, () -> NativeLibrary.extractAndLoad(bundle, platform, into));
  }

  @Test
  void shouldLoadMoreThanOnce() throws FramejetException {
    NativeLibrary.ensureLoaded();
    NativeLibrary.ensureLoaded();
    assertThat(LibraryNative.abi()).isEqualTo(LibraryNative.ABI);
    assertThat(LibraryNative.layout()).isEqualTo(LibraryNative.expectedLayout());
  }

  @Test
  void shouldLoadInSeveralClassLoaders() throws Exception {
    NativeLibrary.ensureLoaded();
    final URL classes = NativeLibrary.class.getProtectionDomain().getCodeSource().getLocation();
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader =
          new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
        final Class<?> other = loader.loadClass(NativeLibrary.class.getName());
        assertThat(other).isNotSameAs(NativeLibrary.class);
        other.getMethod("ensureLoaded").invoke(null);
      }
    }
  }

  @Test
  void shouldRefuseTamperedLibrary() throws Exception {
    final FramejetException refusal =
        load(bundle(NO_LIBRARY, digest(new byte[1])), "linux-x86_64", folder);
    assertThat(refusal.code()).isEqualTo(ErrorCode.NATIVE_INTEGRITY);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldRefuseLink() throws Exception {
    final Path real = Files.write(folder.resolve("real"), NO_LIBRARY);
    final Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertThatThrownBy(() -> NativeLibrary.verify(link, digest(NO_LIBRARY)))
        .isInstanceOfSatisfying(
            FramejetException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NATIVE_INTEGRITY));
    assertThatThrownBy(() -> NativeLibrary.extract(NO_LIBRARY, link))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> NativeLibrary.extract(NO_LIBRARY, real))
        .isInstanceOf(FileAlreadyExistsException.class);
    NativeLibrary.verify(real, digest(NO_LIBRARY));
  }

  @Test
  void shouldMakeFileForItsOwnerOnly() throws Exception {
    final Path file = folder.resolve("libframejet.so");
    NativeLibrary.extract(NO_LIBRARY, file);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void shouldLeaveNothingBehindWhenLoadingFails() throws Exception {
    final FramejetException failure =
        load(bundle(NO_LIBRARY, digest(NO_LIBRARY)), "linux-x86_64", folder);
    assertThat(failure.code()).isEqualTo(ErrorCode.NATIVE_LOAD_FAILED);
    assertThat(failure).hasMessageContaining(NativeLibrary.DIR_PROPERTY);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldNamePropertyWhenFolderIsMissing() throws Exception {
    final FramejetException failure =
        load(bundle(NO_LIBRARY, digest(NO_LIBRARY)), "linux-x86_64", folder.resolve("none"));
    assertThat(failure.code()).isEqualTo(ErrorCode.NATIVE_LOAD_FAILED);
    assertThat(failure).hasMessageContaining(NativeLibrary.DIR_PROPERTY);
  }

  @Test
  void shouldListWhatIsBundled() throws Exception {
    final FramejetException failure =
        load(bundle(NO_LIBRARY, digest(NO_LIBRARY)), "windows11-x86_64", folder);
    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(failure).hasMessageContainingAll("windows11-x86_64", "linux-x86_64, linux-aarch_64");
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, x86_64, linux-x86_64",
    "Linux, aarch64, linux-aarch_64",
    "Linux, riscv64, linux-riscv64",
    "Mac OS X, aarch64, macosx-aarch_64",
  })
  void shouldNamePlatform(String os, String arch, String platform) {
    assertThat(NativeLibrary.platform(os, arch)).isEqualTo(platform);
  }
}
