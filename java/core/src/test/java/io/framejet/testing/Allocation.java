package io.framejet.testing;

import java.lang.reflect.Method;

/**
 * Bytes of heap that the current thread allocates, as com.sun.management.ThreadMXBean counts them.
 */
public final class Allocation {
  private final Object bean;
  private final Method count;
  private final long before;

  private Allocation(Object bean, Method count) throws ReflectiveOperationException {
    this.bean = bean;
    this.count = count;
    before = now();
  }

  /** Begins to count. By reflection: the module under test does not read jdk.management. */
  public static Allocation ofThisThread() throws ReflectiveOperationException {
    final Object bean =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    final Method count =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
    return new Allocation(bean, count);
  }

  /** Since this was made. The count itself costs a few hundred bytes. */
  public long bytes() throws ReflectiveOperationException {
    return now() - before;
  }

  private long now() throws ReflectiveOperationException {
    return (Long) count.invoke(bean);
  }
}
