package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;

/** pcapng files. The input stands behind the type of their first block. */
@Tag("fuzz")
class PcapNgFuzzTest {
  private static final int SECTION = 0x0a0d0d0a;

  @FuzzTest
  void read(byte[] input) throws IOException {
    final byte[] file =
        ByteBuffer.allocate(Integer.BYTES + input.length).putInt(SECTION).put(input).array();
    final long unused = Inputs.readCapture(file);
  }
}
