package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.framejet.link.Lab;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code links}, {@code routes}, {@code doctor}. */
class TablesTest {
  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    Privileges.requireLab();
    lab = Lab.open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private Cli.Result run(String... arguments) throws Exception {
    Cli.Result result = new Cli().in(lab.nearNamespace()).run(arguments);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return result;
  }

  @Test
  void shouldListLinks() throws Exception {
    assertThat(run("links").out())
        .contains("INDEX", "loopback", "v0", "veth", lab.near().mac().toString(), "10.77.0.1/16");
    String line =
        run("links", "--format", "jsonl").lines().stream()
            .filter(each -> each.contains("v0"))
            .findFirst()
            .orElseThrow();
    JsonNode link = new ObjectMapper().readTree(line);
    assertThat(link.get("mtu").asInt()).isEqualTo(1500);
    assertThat(link.get("state").asText()).isEqualTo("up");
    assertThat(link.get("addresses").get(0).asText()).isEqualTo("10.77.0.1/16");
  }

  @Test
  void shouldListLinksOfAnotherNamespace() throws Exception {
    Cli.Result result = new Cli().run("links", "--netns", lab.farNamespace().externalPath());
    assertThat(result.out()).contains("v1").doesNotContain("v0 ");
  }

  @Test
  void shouldListRoutes() throws Exception {
    assertThat(run("routes").out()).contains("DESTINATION", "10.77.0.0/16", "v0", "10.77.0.1");
    assertThat(run("routes", "10.77.3.4").out()).contains("v0", "10.77.0.1");
  }

  @Test
  void shouldTellThatThereIsNoRoute() throws Exception {
    Cli.Result result = new Cli().in(lab.nearNamespace()).run("routes", "192.0.2.1");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("framejet: ").contains("192.0.2.1").hasLineCount(1);
  }

  @Test
  void shouldDiagnose() throws Exception {
    assertThat(run("doctor", "-i", "v0").out())
        .contains("java", "kernel", "CAP_NET_RAW    held", "v0, veth, up")
        .containsPattern("socket +inject +yes")
        .containsPattern("ring +receive +yes")
        .containsPattern("pcap +inject +yes");
  }

  @Test
  void shouldDiagnoseWhatIsMissing() throws Exception {
    Cli.Result result = new Cli().in(lab.nearNamespace()).as(Cli.NOBODY).run("doctor");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .contains("CAP_NET_RAW    not held", "what would help")
        .containsPattern("ring +inject +no");
  }
}
