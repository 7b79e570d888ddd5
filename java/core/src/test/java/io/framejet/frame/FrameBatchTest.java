package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class FrameBatchTest {
  private static final SlotLayout LAYOUT = SlotLayout.packed(4, 100);

  private final ByteBuffer memory = memory(LAYOUT);
  private final FrameBatch batch = new FrameBatch(memory, LAYOUT, 4);

  private static ByteBuffer memory(SlotLayout layout) {
    final int size = layout.slotOffset(layout.slots() - 1) + layout.pitch();
    final ByteBuffer memory = Golden.buffer(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < layout.slots(); i++) {
      memory.putInt(layout.slotOffset(i), 0);
    }
    return memory;
  }

  @Test
  void shouldKeepSlotsApart() {
    assertThat(LAYOUT.pitch()).isGreaterThanOrEqualTo(LAYOUT.dataOffset() + 100);
    assertThat(LAYOUT.slotOffset(1)).isEqualTo(LAYOUT.pitch());
  }

  @Test
  void shouldFindSlotsAcrossBlocks() {
    final SlotLayout layout = new SlotLayout(5, 10, 32, 3, 4, 8, 2);
    assertThat(layout.slotOffset(0)).isEqualTo(4);
    assertThat(layout.slotOffset(2)).isEqualTo(24);
    assertThat(layout.slotOffset(3)).isEqualTo(36);
    assertThat(layout.slotOffset(4)).isEqualTo(46);
  }

  @Test
  void shouldWriteLengthAndFrameAndLeaveTheStatusAlone() {
    final Frame frame = Frame.of(new byte[70]);
    assertThat(frame.addTo(batch)).isTrue();
    assertThat(batch.size()).isEqualTo(1);
    assertThat(batch.length(0)).isEqualTo(70);
    final ByteBuffer nativeOrder = memory.duplicate().order(ByteOrder.nativeOrder());
    assertThat(nativeOrder.getInt(0)).isZero();
    assertThat(nativeOrder.getInt(4)).isEqualTo(70);
    assertThat(Golden.hex(memory, batch.offset(0), 71)).isEqualTo("00".repeat(70) + "a5");
    assertThat(batch.buffer().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void shouldLengthenShortFramesWithZeros() {
    batch.add(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
    assertThat(batch.length(0)).isEqualTo(60);
    assertThat(Golden.hex(memory, batch.offset(0), 61))
        .isEqualTo("0102030405060708090a0b0c0d0e" + "00".repeat(46) + "a5");
  }

  @Test
  void shouldKeepTheLengthOfWhatIsNoFrame() {
    batch.add(new byte[13]);
    assertThat(batch.length(0)).isEqualTo(13);
    assertThat(Golden.hex(memory, batch.offset(0), 14)).isEqualTo("00".repeat(13) + "a5");
  }

  @Test
  void shouldAnswerThatItIsFull() {
    for (int i = 0; i < 4; i++) {
      assertThat(batch.add(60)).isPositive();
    }
    assertThat(batch.add(60)).isEqualTo(-1);
    assertThat(batch.add(new byte[60])).isFalse();
    assertThat(batch.add(ByteBuffer.allocate(60), 0, 60)).isFalse();
    assertThat(batch.size()).isEqualTo(batch.capacity());
  }

  @Test
  void shouldBeFullWhileTheKernelHasTheNextSlot() {
    memory.putInt(LAYOUT.slotOffset(1), 1);
    assertThat(batch.add(60)).isPositive();
    assertThat(batch.add(60)).isEqualTo(-1);
    memory.putInt(LAYOUT.slotOffset(1), 0);
    assertThat(batch.add(60)).isPositive();
  }

  @Test
  void shouldKeepWhatWasNotTakenInOrderAcrossTheEnd() {
    for (int round = 0; round < 10; round++) {
      for (int i = batch.size(); i < 4; i++) {
        batch.buffer().put(batch.add(60), (byte) (3 * round + i));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(memory.get(batch.offset(i))).isEqualTo((byte) (3 * round + i));
      }
      assertThat(batch.firstSlot()).isEqualTo(3 * round % 4);
      batch.taken(3);
      assertThat(batch.size()).isEqualTo(1);
    }
    batch.clear();
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void shouldRefuseWhatNoSlotHolds() {
    assertThatThrownBy(() -> batch.add(101))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length=101 maxFrame=100");
    assertThatThrownBy(() -> batch.add(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> batch.taken(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> batch.offset(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.length(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new FrameBatch(memory, LAYOUT, 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void shouldCopyFromABufferByAbsoluteOffset() {
    final ByteBuffer source = ByteBuffer.allocate(80).put(5, (byte) 7).position(33);
    assertThat(batch.add(source, 5, 62)).isTrue();
    assertThat(batch.buffer().get(batch.offset(0))).isEqualTo((byte) 7);
    assertThat(batch.maxFrame()).isEqualTo(100);
  }

  @Test
  void shouldRefuseATemplateOfAnotherLinkType() {
    final FrameTemplate packet =
        FrameTemplate.of(Frame.ipv4(1, 2).udp(1, 2).payload(new byte[18]).build())
            .vary(16, 4, FrameTemplate.Source.TARGET)
            .build();
    assertThatThrownBy(() -> packet.addTo(batch, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("linkType=IP", "begin with an Ethernet header");
    assertThatThrownBy(() -> packet.addTo(batch, 0, 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(batch.isEmpty()).isTrue();
    final FrameBatch packets = new FrameBatch(memory, LAYOUT, 4, LinkType.IP);
    assertThat(packet.addTo(packets, 1)).isTrue();
  }
}
