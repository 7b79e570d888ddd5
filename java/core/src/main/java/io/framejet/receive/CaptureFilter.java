package io.framejet.receive;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.ReceiveNative;
import io.framejet.link.Link;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which frames a receiver takes: a classic BPF program that the kernel runs before it copies
 * anything (Documentation/networking/filter.rst).
 */
public final class CaptureFilter {
  private static final CaptureFilter ALL = new CaptureFilter(null, null);
  private static final int MAX_INSTRUCTIONS = 4096;
  private static final int RETURN_CONSTANT = 0x06; // BPF_RET | BPF_K

  private final long @Nullable [] program;
  private final @Nullable String expression;

  private CaptureFilter(long @Nullable [] program, @Nullable String expression) {
    this.program = program;
    this.expression = expression;
  }

  /** Takes every frame. */
  public static CaptureFilter all() {
    return ALL;
  }

  /**
   * A program made by the caller.
   *
   * @param program {@code struct sock_filter}, each as {@code code | jt << 16 | jf << 24 | k << 32}
   */
  public static CaptureFilter of(long... program) {
    if (program.length == 0 || program.length > MAX_INSTRUCTIONS) {
      throw new IllegalArgumentException("length=" + program.length + ": 1 to 4,096 instructions");
    }
    return new CaptureFilter(program.clone(), null);
  }

  /**
   * An expression in libpcap's language, such as {@code arp or icmp}; compiled by libpcap when a
   * link is opened.
   */
  public static CaptureFilter expression(String text) {
    return text.isBlank() ? ALL : new CaptureFilter(null, text);
  }

  /** The program for {@code link}, or null when every frame is taken. */
  long @Nullable [] compile(Link link, int snaplen) throws FramejetException {
    if (expression == null) {
      return program == null ? null : cut(program, snaplen);
    }
    NativeLibrary.ensureLoaded();
    long[] compiled = new long[MAX_INSTRUCTIONS];
    byte[] error = new byte[256];
    String text = expression;
    int count =
        (int)
            link.namespace()
                .withPathAsLong(
                    netns ->
                        ReceiveNative.compile(netns, link.index(), snaplen, text, compiled, error));
    if (count == -Errno.EINVAL) {
      throw new FramejetException(
          ErrorCode.INVALID_FILTER,
          "filter '" + expression + "': " + text(error),
          Errno.EINVAL,
          "linux/pcap",
          link.name(),
          null);
    }
    if (count < 0) {
      throw Errno.exception(-count, "compile a capture filter", "linux/pcap", link.name());
    }
    return cut(Arrays.copyOf(compiled, count), snaplen);
  }

  /** What a program returns is how many bytes to keep, and the kernel heeds that alone. */
  private static long[] cut(long[] program, int snaplen) {
    long[] shorter = program.clone();
    for (int i = 0; i < shorter.length; i++) {
      if ((shorter[i] & 0xffff) == RETURN_CONSTANT && shorter[i] >>> 32 > snaplen) {
        shorter[i] = (shorter[i] & 0xffff_ffffL) | (long) snaplen << 32;
      }
    }
    return shorter;
  }

  private static String text(byte[] error) {
    int end = 0;
    while (end < error.length && error[end] != 0) {
      end++;
    }
    return new String(error, 0, end, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    if (expression != null) {
      return expression;
    }
    return program == null ? "all" : program.length + " instructions";
  }
}
