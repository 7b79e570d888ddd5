package io.framejet.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads what tcpdump wrote: pcap-savefile(5). */
public final class PcapFile {
  private static final int MAGIC_MICROS = 0xa1b2c3d4;
  private static final int MAGIC_NANOS = 0xa1b23c4d;
  private static final int HEADER = 24;

  private PcapFile() {}

  /** The frames of a file. */
  public static List<byte[]> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    int magic = bytes.getInt(0);
    if (magic != MAGIC_MICROS && magic != MAGIC_NANOS) {
      throw new IOException(
          file + " is no pcap file of this machine: " + Integer.toHexString(magic));
    }
    List<byte[]> frames = new ArrayList<>();
    bytes.position(HEADER);
    while (bytes.remaining() > 0) {
      int captured = bytes.getInt(bytes.position() + 8);
      byte[] frame = new byte[captured];
      bytes.get(bytes.position() + 16, frame);
      bytes.position(bytes.position() + 16 + captured);
      frames.add(frame);
    }
    return frames;
  }
}
