package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Rate;
import io.framejet.target.Shard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

/** Frames in hexadecimal, as {@code send} takes them, and other texts of the command line. */
@Tag("fuzz")
class TextFuzzTest {
  @FuzzTest
  void parse(byte[] input) throws IOException {
    final String text = new String(input, StandardCharsets.UTF_8);
    Inputs.read(each -> Frame.ofHex(each).toString(), text);
    Inputs.read(MacAddress::parse, text);
    Inputs.read(Ipv4::parse, text);
    Inputs.read(Ipv6Address::parse, text);
    Inputs.read(Rate::parse, text);
    Inputs.read(Shard::parse, text);
  }
}
