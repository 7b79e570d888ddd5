package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.framejet.frame.MacAddress;
import io.framejet.probe.ArpProbe;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What probes make of received frames. */
@Tag("fuzz")
class ProbeFuzzTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

  /** Every probe there is: a new one belongs here. */
  static final List<Probe> PROBES = List.of(new ArpProbe(MAC, 0x0a4d0001));

  private static final Reply REPLY = new Reply();

  @FuzzTest
  void demultiplex(byte[] frame) {
    exercise(Inputs.frame(frame), 0, frame.length);
  }

  /** Asks all probes; gives something that depends on all answers. */
  static int exercise(ByteBuffer buffer, int offset, int length) {
    int sum = 0;
    for (Probe probe : PROBES) {
      sum = 31 * sum + probe.read(buffer, offset, length, REPLY).name().hashCode();
    }
    return sum;
  }
}
