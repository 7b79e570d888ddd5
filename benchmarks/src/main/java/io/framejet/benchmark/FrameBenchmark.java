package io.framejet.benchmark;

import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SlotLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Writing one ARP request into a batch. A whole batch is written at a time and taken as an injector
 * takes it, so that the slots go round a ring as they do in earnest.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBenchmark {
  private static final int BATCH = 256;
  private static final int SLOTS = 1024;
  private static final int DATA = 32;

  /** Bytes from slot to slot: just room for the frame, and what an MTU of 1,500 takes in a ring. */
  @Param({"128", "2048"})
  public int pitch;

  private final FrameTemplate template = Requests.template();
  private final EthernetHeader ethernet = new EthernetHeader();
  private final ArpPacket arp = new ArpPacket();
  private final long broadcast = MacAddress.BROADCAST.toLong();
  private final long sender = Requests.SENDER_MAC.toLong();
  private FrameBatch batch;
  private ByteBuffer buffer;
  private int next;

  /** Makes the memory that a ring would be. */
  @Setup
  public void setUp() {
    final ByteBuffer memory = ByteBuffer.allocateDirect(SLOTS * pitch + 4096).alignedSlice(4096);
    final SlotLayout layout =
        new SlotLayout(SLOTS, pitch, SLOTS * pitch, SLOTS, 0, DATA, pitch - DATA);
    batch = new FrameBatch(memory, layout, BATCH);
    buffer = memory;
    next = Requests.NETWORK;
  }

  /** By template, as a sweep does it. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int template() {
    int target = next;
    while (template.addTo(batch, target)) {
      target++;
    }
    next = target;
    return take();
  }

  /** Field by field, through the flyweights. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int flyweight() {
    int target = next;
    int at = batch.add(FrameBatch.MIN_FRAME);
    while (at >= 0) {
      // No padding is left to the batch: the bytes behind the ARP packet are written here, as
      // zeros.
      buffer.putLong(at + 42, 0).putLong(at + 50, 0).putShort(at + 58, (short) 0);
      ethernet
          .wrap(buffer, at, FrameBatch.MIN_FRAME)
          .destination(broadcast)
          .source(sender)
          .etherType(EtherType.ARP);
      arp.wrap(ethernet)
          .ethernetIpv4()
          .operation(ArpOperation.REQUEST)
          .senderMac(sender)
          .senderIp(Requests.SENDER_IP)
          .targetMac(0)
          .targetIp(target++);
      at = batch.add(FrameBatch.MIN_FRAME);
    }
    next = target;
    return take();
  }

  /** Built anew each time, which allocates: for comparison, this is not for the hot path. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int builder() {
    int target = next;
    while (Frame.ethernet(Requests.SENDER_MAC, MacAddress.BROADCAST)
        .arpRequest(Requests.SENDER_MAC, Requests.SENDER_IP, target)
        .build()
        .addTo(batch)) {
      target++;
    }
    next = target;
    return take();
  }

  /** The template alone, without claiming a slot. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public ByteBuffer apply() {
    final ByteBuffer memory = buffer;
    int target = next;
    for (int i = 0; i < BATCH; i++) {
      template.apply(memory, i * pitch + DATA, target++);
    }
    next = target;
    return memory;
  }

  private int take() {
    final int size = batch.size();
    batch.taken(size);
    return size;
  }
}
