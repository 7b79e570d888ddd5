package io.framejet.receive;

/**
 * What a receiver got since it was opened, by the kernel's count.
 *
 * @param delivered frames put into the receiver's memory, whether polled already or not; with the
 *     backend {@code xsk}, where several receivers share memory, some of them are dropped after all
 *     when another one reads them while this one has no room: then it goes down
 * @param dropped frames that passed the filter and found no room; with the backend {@code xdp},
 *     whose filter looks at frames only when they are read, also those that it would have refused
 * @param freezes times that a full ring stopped the kernel
 */
public record ReceiverStatistics(long delivered, long dropped, long freezes) {}
