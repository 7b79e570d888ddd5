package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Memory that gathers whole records, and gives many at once to a channel: a file gets one write
 * call for thousands of frames.
 */
final class CaptureOutput {
  private final ByteBuffer memory;

  private String name = "";
  private @Nullable WritableByteChannel channel;
  private @Nullable CaptureFile ownFile;
  private @Nullable FramejetException failure;
  private int used;
  private long flushed;

  CaptureOutput(int bytes) {
    memory = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Begins a file of ours; one that is there already is emptied. */
  void open(Path file) throws FramejetException {
    final CaptureFile opened;
    try {
      opened = StreamChannel.create(file);
    } catch (IOException e) {
      throw new FramejetException(
          ErrorCode.SYSTEM_ERROR, "cannot create " + file + ": " + Reason.of(e), e);
    }
    openFile(file.toString(), opened);
  }

  void openFile(String fileName, CaptureFile file) {
    open(fileName, file);
    ownFile = file;
  }

  void open(String channelName, WritableByteChannel into) {
    name = channelName;
    channel = into;
    ownFile = null;
    failure = null;
    used = 0;
    flushed = 0;
  }

  String name() {
    return name;
  }

  ByteBuffer memory() {
    return memory;
  }

  /** Bytes of the file so far, those in memory included. */
  long size() {
    return flushed + used;
  }

  /** Bytes of memory in use: the next record goes there, and belongs to the file once committed. */
  int used() {
    return used;
  }

  /** Bytes of memory left. */
  int room() {
    return memory.capacity() - used;
  }

  void commit(int bytes) {
    used += bytes;
  }

  /** Gives all that is committed to the channel. After a failure it fails each time. */
  void flush() throws FramejetException {
    if (failure != null) {
      throw failure;
    }
    final WritableByteChannel into = channel;
    if (into == null) {
      throw new FramejetException(ErrorCode.CLOSED, name + ": the writer is closed");
    }
    try {
      writeAll(into, memory.limit(used).position(0));
    } catch (IOException e) {
      failure = failed("write", e);
      cutBack(failure);
      throw failure;
    } finally {
      memory.clear();
    }
    flushed += used;
    used = 0;
  }

  private void writeAll(WritableByteChannel into, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (into.write(bytes) == 0) {
        throw new IOException("no bytes were taken: the channel must be a blocking one");
      }
    }
  }

  /** What was flushed before ends with a whole record: a file cut there is a valid one. */
  private void cutBack(FramejetException cause) {
    if (ownFile != null) {
      try {
        ownFile.truncate(flushed);
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  boolean isOpen() {
    return channel != null;
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** Closes the channel without a flush. */
  void close() throws FramejetException {
    final WritableByteChannel open = channel;
    channel = null;
    ownFile = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw failed("close", e);
      }
    }
  }

  private FramejetException failed(String operation, IOException cause) {
    final ErrorCode code =
        cause instanceof ClosedChannelException ? ErrorCode.CLOSED : ErrorCode.SYSTEM_ERROR;
    return new FramejetException(
        code, "cannot " + operation + " " + name + ": " + Reason.of(cause), cause);
  }
}
