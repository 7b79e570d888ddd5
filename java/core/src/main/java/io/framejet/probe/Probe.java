package io.framejet.probe;

import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Recognition;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A kind of question: the frame that asks it, and how an answer is recognised.
 *
 * <p>A probe keeps nothing per target and is thread-safe, as long as its template is (see {@link
 * FrameTemplate}) and every thread has a {@link Reply} of its own.
 */
public interface Probe {
  /** One lower-case word, as on the command line: {@code arp}. */
  String name();

  /**
   * The frame that asks a target; where {@link #template(int)} differs by port, the one for ports
   * of which nothing special is known.
   */
  FrameTemplate template();

  /**
   * The frame that asks a target at a port. It is to be applied to that port.
   *
   * @param port 0 to 65535
   * @return the same object for the same port
   */
  default FrameTemplate template(int port) {
    return template();
  }

  /**
   * A capture filter that accepts every frame that could be an answer, and the broken ones of its
   * kind, so that they can be counted.
   *
   * <p>A classic BPF program, one long an instruction: the fields of the kernel's {@code struct
   * sock_filter} as {@code code | jt << 16 | jf << 24 | k << 32} (Linux, {@code
   * Documentation/networking/filter.rst}).
   *
   * @return a new array
   */
  long[] filter();

  /**
   * What a program in the kernel needs to know to tell replies by itself: of the frames that pass
   * {@link #filter}, the same ones as {@link #read} does. Null when only {@link #read} can.
   */
  default @Nullable Recognition recognition() {
    return null;
  }

  /**
   * Tells what a received frame is. The frame is hostile: whatever its bytes are, this returns and
   * does not throw.
   *
   * @param offset where the frame begins in the buffer
   * @param length bytes of the frame that are in the buffer
   * @param reply set when the verdict is {@link Verdict#REPLY}, and unspecified else
   * @throws IndexOutOfBoundsException if these bytes do not lie before the buffer's limit
   */
  Verdict read(ByteBuffer buffer, int offset, int length, Reply reply);
}
