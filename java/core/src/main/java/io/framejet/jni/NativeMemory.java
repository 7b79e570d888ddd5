package io.framejet.jni;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A native handle together with the memory that it shares with Java.
 *
 * <p>Closing ends the handle, but the memory stays mapped, as zeros, until no buffer can reach it:
 * reading or writing it after {@link #close} is harmless. What is never closed is closed when it
 * becomes unreachable.
 */
public final class NativeMemory implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final NativeHandle handle;
  private final ByteBuffer buffer;
  private final ByteBuffer control;

  private NativeMemory(NativeHandle handle, ByteBuffer buffer) {
    this.handle = handle;
    this.buffer = buffer;
    this.control = buffer.duplicate().order(ByteOrder.nativeOrder());
  }

  /**
   * Joins a handle that was just opened and its buffer.
   *
   * @param name what it is, for messages: {@code injector}
   * @param wake ends a call in progress on the handle; run at close, by the closing thread
   * @param free closes the handle; run once, when no call is in progress
   * @throws FramejetException OUT_OF_MEMORY when there is no buffer; the handle is closed then
   */
  public static NativeMemory of(
      String name,
      long handle,
      @Nullable ByteBuffer buffer,
      LongConsumer wake,
      LongConsumer free,
      String origin,
      String link)
      throws FramejetException {
    if (buffer == null) {
      free.accept(handle);
      throw new FramejetException(
          ErrorCode.OUT_OF_MEMORY,
          "no direct buffer could be made over the ring of link " + link,
          0,
          origin,
          link,
          null);
    }
    NativeHandle guarded = new NativeHandle(name, handle, wake, free);
    long address = InjectNative.address(buffer);
    long length = buffer.capacity();
    CLEANER.register(
        buffer,
        () -> {
          guarded.close();
          InjectNative.unmap(address, length);
        });
    return new NativeMemory(guarded, buffer);
  }

  /** All of the shared memory; position, limit and byte order belong to the caller. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** The handle, kept open until {@link #release}; CLOSED after {@link #close}. */
  public long acquire() throws FramejetException {
    return handle.acquire();
  }

  /** Ends what {@link #acquire} began. */
  public void release() {
    handle.release();
  }

  /** Throws CLOSED after {@link #close}. */
  public void checkOpen() throws FramejetException {
    if (handle.isClosed()) {
      throw handle.closed();
    }
  }

  /** A native-order int of the control block. */
  public int getInt(int offset) {
    return control.getInt(offset);
  }

  /** A native-order long of the control block. */
  public long getLong(int offset) {
    return control.getLong(offset);
  }

  /** Closes the handle; a call in progress ends first, and this does not wait for it. */
  @Override
  public void close() {
    handle.close();
  }
}
