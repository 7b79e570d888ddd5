package io.framejet.cli;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.framejet.cli.process.Capabilities;
import io.framejet.cli.process.Capabilities.Capability;
import io.framejet.cli.process.UserNamespace;
import java.io.IOException;

/**
 * What tests need of the system. Where it is not to be had they are skipped with the reason; in CI
 * they fail.
 */
final class Privileges {
  private Privileges() {}

  static void requireLab() {
    try {
      Capabilities held = Capabilities.held();
      if (!held.has(Capability.CAP_SYS_ADMIN) || !held.has(Capability.CAP_NET_ADMIN)) {
        missing("labs take CAP_SYS_ADMIN and CAP_NET_ADMIN: run as root");
      }
    } catch (IOException e) {
      missing("no /proc/self/status: " + e);
    }
  }

  static void requireUserNamespaces() {
    try {
      String obstacle = UserNamespace.obstacle();
      if (obstacle != null) {
        missing("user namespaces: " + obstacle);
      }
    } catch (IOException e) {
      missing("user namespaces: " + e);
    }
  }

  private static void missing(String reason) {
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      fail("CI=true and still not possible: " + reason);
    }
    abort(reason);
  }
}
