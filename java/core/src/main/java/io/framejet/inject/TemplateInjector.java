package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameTemplate;
import io.framejet.link.Link;

/**
 * Sends the frames of one template, each for a question of its own: destination MAC, target address
 * and port. By the backend {@code xdp} the kernel makes the frames, and Java hands over no more
 * than the questions; by the others Java makes them. The bytes are the same.
 *
 * <pre>{@code
 * try (TemplateInjector injector = TemplateInjector.open(link, options, template)) {
 *   while (injector.add(mac, high, low, port)) {}
 *   int taken = injector.send();
 * }
 * }</pre>
 *
 * <p>One thread at a time adds and sends. {@link #statistics()} and {@link #close()} may be called
 * by any thread at any time; whoever uses the injector afterwards gets {@code CLOSED}.
 *
 * <p>Sequence numbers, for fields that count, are random or go through a list, go on from the
 * template's, one per question added. Two injectors of one template in the kernel number their
 * frames each for itself.
 */
public interface TemplateInjector extends AutoCloseable {
  /**
   * Opens {@code link} for the frames of {@code template}.
   *
   * <p>By the backend {@code xdp}, unless the options name an engine with this very template, an
   * engine is opened for it. Where the program can not make them ({@link
   * io.framejet.engine.Engine#obstacle}), Java does, and {@link #obstacle} says why.
   *
   * @throws FramejetException as {@link Injector#open(Link, InjectorOptions)} does
   */
  static TemplateInjector open(Link link, InjectorOptions options, FrameTemplate template)
      throws FramejetException {
    return TemplateInjectors.open(link, options, template);
  }

  /**
   * Adds a question to the batch.
   *
   * @param mac the destination MAC, see {@link io.framejet.frame.MacAddress} for the form; of no
   *     use to a template without a MAC field
   * @param high an IPv6 target's first 8 bytes, see {@link io.framejet.frame.Ipv6Address} for the
   *     form; 0 for IPv4
   * @param low its last 8 bytes, or an IPv4 target as an unsigned number of 32 bits
   * @param port 0 to 65535; 0 where there is none
   * @return false when the batch is full
   */
  boolean add(long mac, long high, long low, int port);

  /**
   * Sends the frames of the batch, in order, by one native call. Those that were not taken stay at
   * its front, unchanged and in order; in the kernel those taken need not be the first ones, and
   * {@link #arrange} tells which they were.
   *
   * @return how many frames the kernel took
   * @throws FramejetException as {@link Injector#send(io.framejet.frame.FrameBatch)} does
   */
  int send() throws FramejetException;

  /**
   * After a send: puts numbers that belong to the questions, in the order in which these were
   * added, into that in which they are now: those that left, then those that wait.
   *
   * @param numbers one for each question that there was, and perhaps more, which stay
   * @see io.framejet.frame.FrameBatch#arrange
   */
  void arrange(int[] numbers);

  /**
   * Sends the next frames of a template that asks for no target: its fields count, are random or go
   * through a list. In the kernel nothing is handed over for each of them. What is in the batch
   * stays there.
   *
   * <p>A call lasts some 20 ms at most, and sends what it can in that time. Frames that the driver
   * had no room for are not sent again, and their sequence numbers are left out.
   *
   * @param count 0 or more
   * @return how many frames the kernel took
   * @throws IllegalStateException if a field holds a target, MAC, port or cookie, or if frames wait
   *     in the batch and Java makes them
   * @throws FramejetException as {@link #send()} does
   */
  int send(int count) throws FramejetException;

  /** As {@link Injector#pace}. */
  boolean pace(Rate rate) throws FramejetException;

  /** As {@link Injector#stamp}. */
  boolean stamp(int offset) throws FramejetException;

  /** Questions in the batch. */
  int size();

  /** Most questions in the batch. */
  int capacity();

  /** Drops the questions that were not sent, and counts them as discarded. */
  void clear();

  /** The template. */
  FrameTemplate template();

  /** Whether the kernel makes the frames. */
  boolean isInKernel();

  /** Why Java makes the frames though the backend is {@code xdp}; otherwise empty. */
  String obstacle();

  /**
   * As {@link Injector#departures}; but where the kernel makes the frames, it is the time at which
   * the link's driver took each, a few at once.
   */
  void departures(int[] micros, int count);

  /** As {@link Injector#sendStartedNanos()}. */
  long sendStartedNanos();

  /** As {@link Injector#sendFinishedNanos()}. */
  long sendFinishedNanos();

  /** What was done so far. */
  InjectorStatistics statistics();

  /** The kernel path in use. */
  Backend backend();

  /** The link as it was when it was opened. */
  Link link();

  /** Lets go of the link. Idempotent, never waits; a send in progress ends first. */
  @Override
  void close();
}
