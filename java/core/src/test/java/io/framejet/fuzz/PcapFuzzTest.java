package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;

/** pcap files. The first two bits of the input say which magic number they begin with. */
@Tag("fuzz")
class PcapFuzzTest {
  private static final int[] MAGIC = {0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, 0x4d3cb2a1};

  @FuzzTest
  void read(byte[] input) throws IOException {
    if (input.length >= Integer.BYTES) {
      final byte[] file = input.clone();
      ByteBuffer.wrap(file).putInt(0, MAGIC[(input[0] & 0xff) >>> 6]);
      final long unused = Inputs.readCapture(file);
    }
  }
}
