package io.framejet.demux;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.LinkType;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.probe.IcmpProbe;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.testing.VethLab;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyDemultiplexerTest {
  // Not the links' own: nothing is on them but what the test sends.
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int TARGET = Ipv4.parse("192.0.2.2");
  private static final SipHash KEY = new SipHash(1, 2);

  private static Frame echo(long cookie) {
    return packet()
        .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
        .payload(ByteBuffer.allocate(8).putLong(0, cookie).array())
        .build();
  }

  private static Ipv4Builder packet() {
    return Frame.ethernet(VethLab.FAR_MAC, VethLab.NEAR_MAC).ipv4(TARGET, IP);
  }

  @Test
  void shouldCountEveryFrameAsWhatItIs() throws FramejetException {
    final long cookie = KEY.cookie(0, TARGET & 0xffff_ffffL, 0);
    final List<Integer> replies = new ArrayList<>();
    final ReplyDemultiplexer demultiplexer =
        new ReplyDemultiplexer(
            new IcmpProbe(LinkType.ETHERNET, VethLab.NEAR_MAC, IP, KEY),
            (reply, timestampNanos) -> replies.add(reply.address()));
    try (VethLab lab = VethLab.open();
        Receiver near =
            Receiver.open(lab.near(), ReceiverOptions.defaults().withBackend(Backend.SOCKET));
        Injector far =
            Injector.open(lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
      for (Frame frame :
          List.of(
              echo(cookie),
              echo(cookie + 1),
              echo(cookie ^ 1L << 63),
              packet().udp(1, 2).build(),
              packet().totalLength(2000).udp(1, 2).build(),
              echo(cookie))) {
        assertThat(far.send(frame)).isTrue();
      }
      while (demultiplexer.replies() < 2) {
        assertThat(near.await(5_000_000_000L)).isTrue();
        near.poll(demultiplexer, 16);
      }
    }
    assertThat(replies).containsExactly(TARGET, TARGET);
    assertThat(demultiplexer.refused()).isEqualTo(2);
    assertThat(demultiplexer.others()).isEqualTo(1);
    assertThat(demultiplexer.malformed()).isEqualTo(1);
    assertThat(demultiplexer.frames()).isEqualTo(6);
  }
}
