package io.framejet.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;

/** A stream as a channel. Each write reaches what lies behind the stream's own buffer. */
final class StreamChannel implements WritableByteChannel {
  private final OutputStream stream;
  private final WritableByteChannel channel;

  StreamChannel(OutputStream stream) {
    this.stream = stream;
    channel = Channels.newChannel(stream);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    final int count = channel.write(bytes);
    stream.flush();
    return count;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
