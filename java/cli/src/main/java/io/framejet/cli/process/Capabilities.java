package io.framejet.cli.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The capabilities (capabilities(7)) that this process may use. */
public final class Capabilities {
  /** A capability that some part of Framejet asks for, by its number in the kernel's headers. */
  public enum Capability {
    /** Raw and packet sockets. */
    CAP_NET_RAW(13, "inject and receive frames"),
    /** Links, addresses, routes. */
    CAP_NET_ADMIN(12, "demo; the promiscuous flag"),
    /** Namespaces. */
    CAP_SYS_ADMIN(21, "demo; --netns"),
    /** Locked memory beyond the limit. */
    CAP_IPC_LOCK(14, "rings beyond the limit on locked memory"),
    /** Programs in the kernel that look into its memory. */
    CAP_PERFMON(38, "XDP programs"),
    /** Programs in the kernel. */
    CAP_BPF(39, "XDP programs");

    private final int number;
    private final String use;

    Capability(int number, String use) {
      this.number = number;
      this.use = use;
    }

    /** What it is good for. */
    public String use() {
      return use;
    }
  }

  private final long effective;

  private Capabilities(long effective) {
    this.effective = effective;
  }

  /** Those of this process, now. */
  public static Capabilities held() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) {
        return new Capabilities(Long.parseUnsignedLong(line.substring(7).strip(), 16));
      }
    }
    return new Capabilities(0);
  }

  /** Whether {@code capability} is effective. */
  public boolean has(Capability capability) {
    return (effective >> capability.number & 1) != 0;
  }
}
