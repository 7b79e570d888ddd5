package io.framejet.capture;

import io.framejet.FramejetException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of a capture file, pcap (draft-ietf-opsawg-pcap) or pcapng
 * (draft-ietf-opsawg-pcapng) of either byte order, from its beginning to its end. It never seeks,
 * so a pipe will do, and frames of a live one are seen as they come.
 *
 * <p>Of pcapng it reads sections, interfaces, enhanced, simple and obsolete packets and interface
 * statistics; other blocks and options are skipped. The sections of a file may differ in byte
 * order.
 *
 * <p>A file is not trusted. Whatever its length fields claim, no more than 64 MiB are held, and
 * frames are at most {@link #MAX_FRAME} bytes. Where the file is malformed or cut off, the frames
 * before come as usual, and then a {@link CaptureFormatException}, each time that one is asked for
 * more.
 *
 * <p>Reading a frame allocates nothing. One thread at a time.
 */
public interface CaptureReader extends AutoCloseable {
  /** Longest frame that is read or written, in bytes: 16 MiB. */
  int MAX_FRAME = 1 << 24;

  /**
   * Opens a file.
   *
   * @throws CaptureFormatException if it does not begin as a capture file does
   * @throws FramejetException SYSTEM_ERROR if it cannot be read
   */
  static CaptureReader open(Path file) throws FramejetException {
    return FileCaptureReader.open(file);
  }

  /**
   * Reads from a channel in blocking mode, such as a pipe. It is closed with the reader; when this
   * method throws, it stays open.
   *
   * @throws CaptureFormatException if what comes does not begin as a capture file does
   * @throws FramejetException SYSTEM_ERROR or CLOSED if it cannot be read
   */
  static CaptureReader open(ReadableByteChannel channel) throws FramejetException {
    return FileCaptureReader.open("channel", channel, CaptureInput.INITIAL_BYTES);
  }

  /**
   * Reads from a stream, such as {@code System.in}. It is closed with the reader; when this method
   * throws, it stays open.
   *
   * @throws CaptureFormatException if what comes does not begin as a capture file does
   * @throws FramejetException SYSTEM_ERROR if it cannot be read
   */
  static CaptureReader open(InputStream stream) throws FramejetException {
    return FileCaptureReader.open(
        "stream", Channels.newChannel(stream), CaptureInput.INITIAL_BYTES);
  }

  /**
   * The next frame, waiting for it where the file is a pipe.
   *
   * @return the frame, always the same object, or null at the end of the file
   * @throws CaptureFormatException where the file is malformed or cut off
   * @throws FramejetException CLOSED; SYSTEM_ERROR if the file cannot be read
   */
  @Nullable CapturedFrame next() throws FramejetException;

  /**
   * Hands the next frames to {@code handler}, at most {@code limit}. It waits as {@link #next()}
   * does.
   *
   * @return how many there were: fewer than {@code limit} only at the end of the file
   * @throws CaptureFormatException where the file is malformed or cut off, after the frames before
   *     were handed over
   * @throws FramejetException CLOSED; SYSTEM_ERROR if the file cannot be read
   */
  int poll(CapturedFrameHandler handler, int limit) throws FramejetException;

  /** The format of the file, known by its first four bytes. */
  CaptureFormat format();

  /** How many frames were read so far. */
  long frames();

  /**
   * The interfaces that were described so far, in the order of the file. Those of a second section
   * follow after those of the first. pcap has one from the start; pcapng describes an interface
   * before its first frame. The list is a view that cannot be changed.
   */
  List<CaptureInterface> interfaces();

  /**
   * What the file said last about the frames of an interface. It stands at the end of a file as a
   * rule, so read all frames first.
   *
   * @param interfaceIndex a place in {@link #interfaces()}
   * @return null when the file said nothing, as pcap never does
   * @throws IndexOutOfBoundsException if there is no such interface
   */
  @Nullable CaptureStatistics statistics(int interfaceIndex);

  /** Closes the file. Idempotent. */
  @Override
  void close() throws FramejetException;
}
