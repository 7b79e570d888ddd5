package io.framejet.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NativeHandleTest {
  private final AtomicInteger wakes = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final NativeHandle handle =
      new NativeHandle("thing", 7, h -> wakes.incrementAndGet(), h -> ends.incrementAndGet());

  @Test
  void shouldEndAtOnceWhenNobodyIsInside() {
    assertThat(handle.close()).isTrue();
    assertThat(ends).hasValue(1);
    assertThat(wakes).hasValue(0);
  }

  @Test
  void shouldEndOnlyWhenTheLastOneIsOut() throws FramejetException {
    assertThat(handle.acquire()).isEqualTo(7);
    handle.acquire();
    handle.close();
    assertThat(wakes).hasValue(1);
    handle.release();
    assertThat(ends).hasValue(0);
    handle.release();
    assertThat(ends).hasValue(1);
  }

  @Test
  void shouldRefuseEntryOnceClosed() {
    handle.close();
    assertThat(handle.isClosed()).isTrue();
    assertThatThrownBy(handle::acquire)
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED))
        .hasMessage("thing is closed");
  }

  @Test
  void shouldCloseOnce() {
    assertThat(handle.close()).isTrue();
    assertThat(handle.close()).isFalse();
    assertThat(ends).hasValue(1);
  }

  @Test
  void shouldNeverBeUsedAfterItsEnd() throws Exception {
    final int threads = 4;
    final ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 500; round++) {
        race(pool, threads);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void race(ExecutorService pool, int threads) throws Exception {
    final AtomicBoolean alive = new AtomicBoolean(true);
    final AtomicInteger usedDead = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final Runnable use =
        () -> {
          if (!alive.get()) {
            usedDead.incrementAndGet();
          }
        };
    final NativeHandle raced =
        new NativeHandle(
            "raced",
            1,
            h -> use.run(),
            h -> {
              alive.set(false);
              ended.incrementAndGet();
            });
    final CountDownLatch start = new CountDownLatch(threads);
    final Callable<Boolean> enter =
        () -> {
          start.countDown();
          start.await();
          try {
            while (true) {
              raced.acquire();
              use.run();
              raced.release();
            }
          } catch (FramejetException e) {
            return false;
          }
        };
    final Callable<Boolean> close =
        () -> {
          start.countDown();
          start.await();
          return raced.close();
        };
    final List<Future<Boolean>> all =
        new ArrayList<>(pool.invokeAll(List.of(enter, enter, close, close)));
    int closers = 0;
    for (Future<Boolean> each : all) {
      closers += each.get() ? 1 : 0;
    }
    assertThat(closers).isEqualTo(1);
    assertThat(ended).hasValue(1);
    assertThat(usedDead).hasValue(0);
  }
}
