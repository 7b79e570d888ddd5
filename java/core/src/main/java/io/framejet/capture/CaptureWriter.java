package io.framejet.capture;

import io.framejet.FramejetException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Writes a capture file, pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng), both
 * little-endian. It never seeks, so a pipe will do.
 *
 * <p>Frames are gathered in memory and given to the file many at a time: when the memory is full,
 * on {@link #flush()} and on {@link #close()}. Writing a frame allocates nothing and, most of the
 * time, calls nothing. One thread at a time.
 *
 * <p>When a write fails, because a disk is full or a pipe has no reader, the writer fails from then
 * on with the same exception, {@link #flushedFrames()} says how many frames are in the file for
 * certain, and a file that was named by its path is cut back to exactly these.
 */
public interface CaptureWriter extends AutoCloseable {
  /**
   * Creates a pcap file, or empties the one that is there. Its header is written at once.
   *
   * @throws FramejetException SYSTEM_ERROR if it cannot be written
   */
  static CaptureWriter pcap(Path file, CaptureOptions options) throws FramejetException {
    return FileCaptureWriter.open(file, CaptureFormat.PCAP, options);
  }

  /**
   * Writes pcap to a channel in blocking mode, such as standard output: {@code new
   * FileOutputStream(FileDescriptor.out).getChannel()}. It is closed with the writer; when this
   * method throws, it stays open. Most channels of the JDK are closed when a thread that writes is
   * interrupted; files and streams are not.
   *
   * @throws FramejetException SYSTEM_ERROR or CLOSED if it cannot be written
   */
  static CaptureWriter pcap(WritableByteChannel channel, CaptureOptions options)
      throws FramejetException {
    return FileCaptureWriter.open("channel", channel, CaptureFormat.PCAP, options);
  }

  /**
   * Writes pcap to a stream, as {@link #pcap(WritableByteChannel, CaptureOptions)} to a channel.
   */
  static CaptureWriter pcap(OutputStream stream, CaptureOptions options) throws FramejetException {
    return FileCaptureWriter.open("stream", new StreamChannel(stream), CaptureFormat.PCAP, options);
  }

  /**
   * Creates a pcapng file of one section and one interface, or empties the one that is there. These
   * two are written at once.
   *
   * @throws FramejetException SYSTEM_ERROR if it cannot be written
   */
  static CaptureWriter pcapng(Path file, CaptureOptions options) throws FramejetException {
    return FileCaptureWriter.open(file, CaptureFormat.PCAPNG, options);
  }

  /**
   * Writes pcapng to a channel in blocking mode. It is closed with the writer; when this method
   * throws, it stays open.
   *
   * @throws FramejetException SYSTEM_ERROR or CLOSED if it cannot be written
   */
  static CaptureWriter pcapng(WritableByteChannel channel, CaptureOptions options)
      throws FramejetException {
    return FileCaptureWriter.open("channel", channel, CaptureFormat.PCAPNG, options);
  }

  /**
   * Writes pcapng to a stream, as {@link #pcapng(WritableByteChannel, CaptureOptions)} to a
   * channel.
   */
  static CaptureWriter pcapng(OutputStream stream, CaptureOptions options)
      throws FramejetException {
    return FileCaptureWriter.open(
        "stream", new StreamChannel(stream), CaptureFormat.PCAPNG, options);
  }

  /**
   * Writes a series of files, each whole in itself: {@code x.pcap}, and then, with a number at the
   * end of the name, {@code x.pcap1}, {@code x.pcap2} and so on, as {@code tcpdump -C} does. A file
   * that is there already is emptied when its turn comes. The next file is begun with its first
   * frame. The counts and sizes of the writer are those of all files together.
   *
   * @param file the first file
   * @param fileBytes longest file, in bytes, 1 or more, headers and statistics included; a file
   *     with a single frame may be longer
   * @throws FramejetException SYSTEM_ERROR if it cannot be written
   */
  static CaptureWriter rotating(
      Path file, CaptureFormat format, CaptureOptions options, long fileBytes)
      throws FramejetException {
    return RotatingCaptureWriter.open(file, format, options, fileBytes);
  }

  /**
   * Adds a frame. What is longer than the snaplen of the options is cut.
   *
   * @param buffer where the frame lies; its position, limit and order are not changed
   * @param offset where it begins in the buffer, an absolute index
   * @param length bytes that are there
   * @param originalLength bytes that it had on the link, {@code length} or more
   * @param timestampNanos when it was captured, nanoseconds since the epoch: 0 or more, and before
   *     2^32 seconds (the year 2106) in pcap
   * @throws IllegalArgumentException if {@code originalLength} or {@code timestampNanos} is out of
   *     range; nothing was added
   * @throws IndexOutOfBoundsException if the frame does not lie before the buffer's limit; nothing
   *     was added
   * @throws FramejetException CLOSED; SYSTEM_ERROR if the file cannot be written: the frame is not
   *     counted
   */
  void write(ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos)
      throws FramejetException;

  /**
   * Adds a frame that was read from a capture file, or made to look so: as the other method does.
   */
  default void write(CapturedFrame frame) throws FramejetException {
    write(
        frame.buffer(),
        frame.offset(),
        frame.length(),
        frame.originalLength(),
        frame.timestampNanos());
  }

  /**
   * Says what became of the frames, drops included. What was said last is written at the end of a
   * pcapng file, and at the end of each one of a series; pcap has no place for it.
   *
   * @param value the counts since the capture began
   */
  void statistics(CaptureStatistics value);

  /**
   * Gives all frames so far to the operating system. Whoever reads along sees them then.
   *
   * @throws FramejetException CLOSED; SYSTEM_ERROR if the file cannot be written
   */
  void flush() throws FramejetException;

  /** How many frames were added. */
  long frames();

  /** How many of them the operating system has taken for certain. */
  long flushedFrames();

  /** How long the file is with all frames that were added, in bytes. */
  long bytes();

  /** The format that is written. */
  CaptureFormat format();

  /**
   * Writes what is left and closes the file. Idempotent. After a failed write nothing more is
   * written.
   *
   * @throws FramejetException SYSTEM_ERROR if the file cannot be written; it is closed all the same
   */
  @Override
  void close() throws FramejetException;
}
