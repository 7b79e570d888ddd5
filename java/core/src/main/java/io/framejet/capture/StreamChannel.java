package io.framejet.capture;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * A stream as a channel. Each write reaches what lies behind the stream's own buffer.
 *
 * <p>A channel of the JDK is closed when the thread that writes is interrupted, and what was
 * recorded is lost; a stream is not.
 */
class StreamChannel implements WritableByteChannel {
  /** Small enough that copying it stays in the processor's cache. */
  private static final int CHUNK = 1 << 16;

  private final OutputStream stream;
  private final byte[] chunk = new byte[CHUNK];
  private boolean open = true;

  StreamChannel(OutputStream stream) {
    this.stream = stream;
  }

  /** Creates a file, or empties the one that is there. */
  static CaptureFile create(Path file) throws IOException {
    return new ToFile(new FileOutputStream(file.toFile()));
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    final int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      final int length = Math.min(bytes.remaining(), CHUNK);
      bytes.get(chunk, 0, length);
      stream.write(chunk, 0, length);
    }
    stream.flush();
    return count;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    stream.close();
  }

  private static final class ToFile extends StreamChannel implements CaptureFile {
    private final FileOutputStream file;

    ToFile(FileOutputStream file) {
      super(file);
      this.file = file;
    }

    @Override
    public void truncate(long bytes) throws IOException {
      // This one is done by the stream's channel, which an interrupt would close first.
      final boolean interrupted = Thread.interrupted();
      try {
        file.getChannel().truncate(bytes);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
