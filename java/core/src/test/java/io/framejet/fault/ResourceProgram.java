package io.framejet.fault;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.demux.Demultiplexer;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.link.LinkMonitor;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Opens things when resources are short, in a JVM of its own, whose limits it lowers itself. */
public final class ResourceProgram {
  // Most of them for an XDP program: its maps, its parts, and what they are attached by.
  private static final int MOST_DESCRIPTORS = 40;

  private static final int LONGEST = 1 << 17;

  private ResourceProgram() {}

  /** {@code memory LINK} or {@code descriptors LINK}. */
  public static void main(String[] arguments) throws Exception {
    Link link = Link.find(arguments[1]);
    if (arguments[0].equals("memory")) {
      memory(link);
    } else {
      descriptors(link);
    }
    System.out.println("done");
  }

  /** A class in a folder takes a descriptor to load, and memory. */
  private static void loadAllClasses() throws Exception {
    Path home = Library.home(FramejetException.class);
    if (!Files.isDirectory(home)) {
      return; // a jar is open already
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        String name = home.relativize(file).toString().replace('/', '.');
        if (name.startsWith("io.framejet.")
            && name.endsWith(".class")
            && !name.endsWith("package-info.class")) {
          Class.forName(name.substring(0, name.length() - ".class".length()));
        }
      }
    }
  }

  // --- memory
  // ---------------------------------------------------------------------------------------------------

  private static void memory(Link link) throws Exception {
    loadAllClasses();
    InjectorOptions large =
        InjectorOptions.defaults()
            .withBackend(Backend.RING)
            .withMaxFrame(LONGEST)
            .withBatch(256)
            .withSlots(1024);
    System.out.println("plenty: " + send(link, large.withBatch(16).withSlots(16)));
    limitMemory(40 << 20);
    System.out.println("less: " + send(link, large));
    System.out.println("less: " + outcome(() -> receive(link, Backend.RING)));
    limitMemory(1 << 20);
    System.out.println("none: " + outcome(() -> send(link, large)));
    System.out.println("none: " + outcome(() -> receive(link, Backend.SOCKET)));
    limitMemory(200 << 20);
    System.out.println("again: " + send(link, large.withBatch(16).withSlots(16)));
  }

  /** Sends a batch and gives how many frames it had room for. */
  private static int send(Link link, InjectorOptions options) throws FramejetException {
    try (Injector injector = Injector.open(link, options)) {
      FrameBatch batch = injector.newBatch();
      int capacity = batch.capacity();
      while (batch.add(new byte[60])) {}
      while (!batch.isEmpty()) {
        injector.send(batch);
      }
      return injector.statistics().frames() == capacity ? capacity : -1;
    }
  }

  private static int receive(Link link, Backend backend) throws FramejetException {
    ReceiverOptions large =
        ReceiverOptions.defaults().withBackend(backend).withRingBytes(256 << 20);
    try (Receiver receiver = Receiver.open(link, large)) {
      return receiver.poll(frame -> {}, 1);
    }
  }

  /**
   * Leaves {@code more} bytes of address space. Who sets the limit is started first, with the
   * thread that waits for its end: what these take is in use by the time that is measured.
   */
  private static void limitMemory(long more) throws IOException, InterruptedException {
    String pid = String.valueOf(ProcessHandle.current().pid());
    Process prlimit =
        new ProcessBuilder(
                "sh", "-c", "read size && prlimit --pid=" + pid + " --as=$size:unlimited")
            .redirectErrorStream(true)
            .start();
    Thread.sleep(50);
    long size = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmSize:")) {
        size = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    try (OutputStream to = prlimit.getOutputStream()) {
      to.write((size + more + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    if (prlimit.waitFor() != 0) {
      throw new IOException("prlimit failed");
    }
  }

  private static void limit(String what) throws IOException, InterruptedException {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid=" + ProcessHandle.current().pid(), what)
            .inheritIO()
            .start();
    if (prlimit.waitFor() != 0) {
      throw new IOException("prlimit " + what);
    }
  }

  // --- descriptors
  // ------------------------------------------------------------------------------------------------

  private interface Opening {
    AutoCloseable open() throws FramejetException;
  }

  private interface Action {
    Object run() throws Exception;
  }

  private static String outcome(Action action) throws Exception {
    try {
      return "opened " + action.run();
    } catch (FramejetException e) {
      return e.code().toString();
    }
  }

  private static Map<String, Opening> openings(Link link) {
    Map<String, Opening> openings = new LinkedHashMap<>();
    for (Backend backend : Backend.values()) {
      InjectorOptions injecting =
          InjectorOptions.defaults().withBackend(backend).withBatch(1).withSlots(16);
      ReceiverOptions receiving =
          ReceiverOptions.defaults().withBackend(backend).withRingBytes(1 << 18);
      openings.put("inject " + backend, () -> Injector.open(link, injecting));
      if (backend == Backend.RAWIP) {
        continue; // injects only
      }
      openings.put("receive " + backend, () -> Receiver.open(link, receiving));
    }
    openings.put(
        "expression",
        () ->
            Receiver.open(
                link, ReceiverOptions.defaults().withFilter(CaptureFilter.expression("arp"))));
    openings.put("demultiplexer", () -> Demultiplexer.open(link));
    openings.put("monitor", () -> LinkMonitor.open(link));
    return openings;
  }

  private static void descriptors(Link link) throws Exception {
    loadAllClasses();
    Map<String, Opening> openings = openings(link);
    for (Opening opening : openings.values()) {
      opening.open().close();
    }
    if (!outcome(() -> Injector.open(link, InjectorOptions.defaults()).send(Frame.of(new byte[60])))
        .equals("opened true")) {
      throw new AssertionError("the link does not work");
    }
    System.gc();
    Thread.sleep(200); // what was forgotten above is closed
    System.out.println("rehearsed " + describe(new IOException("x")));
    int before = count();
    limit("--nofile=" + (before + MOST_DESCRIPTORS + 30) + ":");
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Opening> entry : openings.entrySet()) {
      boolean opened = false;
      for (int free = 0; free < MOST_DESCRIPTORS && !opened; free++) {
        opened = openWith(free, entry.getKey(), entry.getValue(), wrong);
      }
      if (!opened) {
        wrong.add(entry.getKey() + " takes more than " + MOST_DESCRIPTORS + " descriptors");
      }
      int after = count();
      if (after != before) {
        wrong.add(entry.getKey() + " leaks: before=" + before + " after=" + after);
        before = after;
      }
    }
    wrong.forEach(line -> System.out.println("wrong: " + line));
  }

  private static boolean openWith(int free, String name, Opening opening, List<String> wrong)
      throws Exception {
    List<FileInputStream> fillers = new ArrayList<>();
    try {
      fill(fillers, free);
      opening.open().close();
      return true;
    } catch (FramejetException e) {
      if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
        wrong.add(name + " with " + free + " free: " + describe(e));
      }
      return false;
    } finally {
      for (FileInputStream filler : fillers) {
        filler.close();
      }
    }
  }

  private static String describe(IOException e) {
    return e instanceof FramejetException f
        ? f.code() + " " + f.getMessage()
        : String.valueOf(e.getMessage());
  }

  private static void fill(List<FileInputStream> fillers, int free) throws IOException {
    try {
      while (true) {
        fillers.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException full) {
      for (int i = 0; i < free; i++) {
        fillers.remove(fillers.size() - 1).close();
      }
    }
  }

  private static int count() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return (int) all.count();
    }
  }
}
