package io.framejet.jni;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the native library, loads it once per class loader, and checks that it is the one these
 * classes are made for.
 *
 * <p>In this order: the file that {@value #PATH_PROPERTY} names; {@code libframejet.so} on {@code
 * java.library.path}; the one in the jar, extracted into a fresh folder, checked, loaded and
 * deleted at once. A JVM refuses to load one file from two class loaders, and each extraction has a
 * path of its own.
 */
public final class NativeLibrary {
  /** System property: a library file to load, and no other. */
  public static final String PATH_PROPERTY = "framejet.native.path";

  /** System property: the folder to extract into, instead of {@code java.io.tmpdir}. */
  public static final String DIR_PROPERTY = "framejet.native.dir";

  private static final String NAME = "framejet";
  private static final String FILE_NAME = "libframejet.so";

  private static volatile boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library, unless it is loaded. A failure is not remembered: the next call tries again.
   * Any thread may call.
   *
   * @throws FramejetException with {@link ErrorCode#NOT_SUPPORTED} when there is none for this
   *     platform, {@link ErrorCode#NATIVE_INTEGRITY} when the extracted file is not the bundled
   *     one, {@link ErrorCode#NATIVE_LOAD_FAILED} otherwise
   */
  public static void ensureLoaded() throws FramejetException {
    if (!loaded) {
      load();
    }
  }

  private static synchronized void load() throws FramejetException {
    if (loaded) {
      return;
    }
    String path = System.getProperty(PATH_PROPERTY);
    if (path != null) {
      loadFile(path);
    } else if (!loadFromLibraryPath()) {
      extractAndLoad(Bundle.ofJar(), platform(), folder());
    }
    loaded = true;
  }

  private static void loadFile(String path) throws FramejetException {
    Path file;
    try {
      file = Path.of(path).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw failure(PATH_PROPERTY + "=" + path + " is no path", e);
    }
    if (!Files.isRegularFile(file)) {
      throw failure(PATH_PROPERTY + "=" + path + " is no file", null);
    }
    try {
      System.load(file.toString());
    } catch (LinkageError e) {
      throw failure(
          "library of " + PATH_PROPERTY + "=" + path + " cannot be loaded: " + e.getMessage(), e);
    }
    check(file.toString());
  }

  private static boolean loadFromLibraryPath() throws FramejetException {
    try {
      System.loadLibrary(NAME);
    } catch (LinkageError e) {
      // None there, one that another class loader has loaded, or one of no use: the jar has one as
      // well.
      return false;
    }
    check("java.library.path");
    return true;
  }

  // --- extraction
  // ---------------------------------------------------------------------------------------------

  /** Where the bundled libraries come from: the jar, or a test's. */
  interface Bundle {
    /** The content of a file below {@code META-INF/native/}, or null when there is none. */
    byte @Nullable [] read(String name) throws IOException;

    /** The jar, or folder, that these classes are in. */
    static Bundle ofJar() {
      return name -> {
        try (InputStream in = NativeLibrary.class.getResourceAsStream("/META-INF/native/" + name)) {
          return in == null ? null : in.readAllBytes();
        }
      };
    }
  }

  /** The name of the running platform, as the folders of the jar have it: {@code linux-x86_64}. */
  static String platform() {
    return platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static String platform(String os, String arch) {
    String cpu = arch.toLowerCase(Locale.ROOT);
    return os.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "")
        + "-"
        + switch (cpu) {
          case "amd64", "x86_64", "x86-64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch_64";
          default -> cpu;
        };
  }

  private static Path folder() throws FramejetException {
    String name = System.getProperty(DIR_PROPERTY, System.getProperty("java.io.tmpdir", "/tmp"));
    try {
      return Path.of(name).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw failure("folder=" + name + " is no path; name another with -D" + DIR_PROPERTY, e);
    }
  }

  static void extractAndLoad(Bundle bundle, String platform, Path folder) throws FramejetException {
    try {
      byte[] library = bundle.read(platform + "/" + FILE_NAME);
      byte[] digest = bundle.read(platform + "/" + FILE_NAME + ".sha256");
      if (library == null || digest == null) {
        throw notBundled(bundle, platform);
      }
      Path home = createFolder(folder);
      Path file = home.resolve(FILE_NAME);
      try {
        extract(library, file);
        verify(file, digest);
        loadExtracted(file, folder);
      } finally {
        // Once loaded, the mapping keeps the content; nothing is left behind, even if the JVM is
        // killed.
        Files.deleteIfExists(file);
        Files.deleteIfExists(home);
      }
    } catch (FramejetException e) {
      throw e;
    } catch (IOException e) {
      throw failure(
          "library cannot be extracted into folder="
              + folder
              + "; name another with -D"
              + DIR_PROPERTY,
          e);
    }
    check("the jar");
  }

  private static FramejetException notBundled(Bundle bundle, String platform) throws IOException {
    byte[] index = bundle.read("index");
    String bundled =
        index == null
            ? "none"
            : String.join(", ", new String(index, StandardCharsets.UTF_8).strip().split("\\R"));
    return new FramejetException(
        ErrorCode.NOT_SUPPORTED,
        "no native library for platform="
            + platform
            + "; bundled: "
            + bundled
            + "; one of your own is named with -D"
            + PATH_PROPERTY);
  }

  private static Path createFolder(Path folder) throws FramejetException {
    try {
      // mkdir: fails on anything that is there already, a link included.
      return Files.createTempDirectory(
          folder,
          "framejet-",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException | UnsupportedOperationException e) {
      throw failure(
          "folder="
              + folder
              + " cannot hold the native library; name another with -D"
              + DIR_PROPERTY,
          e);
    }
  }

  static void extract(byte[] library, Path file) throws IOException {
    // CREATE_NEW is O_EXCL: it does not follow a link, nor open what somebody put there.
    try (FileChannel out =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(library);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
    Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setPermissions(PosixFilePermissions.fromString("rwx------"));
  }

  /** Compares a file, read back, with the line of sha256sum that the jar has for it. */
  static void verify(Path file, byte[] expected) throws FramejetException {
    String wanted = new String(expected, StandardCharsets.UTF_8).strip().split("\\s+", 2)[0];
    String found;
    try (SeekableByteChannel in =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      found = digest(in);
    } catch (IOException e) {
      throw new FramejetException(
          ErrorCode.NATIVE_INTEGRITY,
          "extracted library file=" + file + " was replaced or cannot be read back",
          e);
    }
    if (!wanted.equalsIgnoreCase(found)) {
      throw new FramejetException(
          ErrorCode.NATIVE_INTEGRITY,
          "extracted library file="
              + file
              + " is not the bundled one: sha256="
              + found
              + " expected="
              + wanted);
    }
  }

  private static String digest(SeekableByteChannel in) throws IOException {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("this JVM lacks SHA-256", e);
    }
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    while (in.read(bytes.clear()) >= 0) {
      sha256.update(bytes.flip());
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private static void loadExtracted(Path file, Path folder) throws FramejetException {
    try {
      System.load(file.toString());
    } catch (LinkageError e) {
      String cause = String.valueOf(e.getMessage());
      if (cause.contains("failed to map segment")) {
        throw failure(
            "folder="
                + folder
                + " is mounted noexec; name one that is not with -D"
                + DIR_PROPERTY
                + "=FOLDER",
            e);
      }
      throw failure(
          "library cannot be loaded from folder=" + folder + " (-D" + DIR_PROPERTY + "): " + cause,
          e);
    }
  }

  // --- agreement
  // ----------------------------------------------------------------------------------------------

  private static void check(String origin) throws FramejetException {
    int abi;
    int[] layout;
    try {
      abi = LibraryNative.abi();
      layout = LibraryNative.layout();
    } catch (LinkageError e) {
      throw failure("library from " + origin + " is not Framejet's", e);
    }
    if (abi != LibraryNative.ABI) {
      throw failure(
          "library from "
              + origin
              + " is of another version: abi="
              + abi
              + " expected="
              + LibraryNative.ABI,
          null);
    }
    if (!Arrays.equals(layout, LibraryNative.expectedLayout())) {
      throw failure(
          "library from "
              + origin
              + " lays its structures out differently: "
              + Arrays.toString(layout),
          null);
    }
  }

  private static FramejetException failure(String message, @Nullable Throwable cause) {
    return new FramejetException(ErrorCode.NATIVE_LOAD_FAILED, message, 0, "java", null, cause);
  }
}
