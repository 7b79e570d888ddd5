package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;

class CommandsTest {
  @Test
  void shouldSetUpACommandAloneAsAmongAll() {
    CommandLine all = Main.commandLine();
    List<String> names = new ArrayList<>(all.getSubcommands().keySet());
    names.removeAll(List.of("help", "generate-completion"));
    assertThat(names).contains("sweep", "doctor");
    for (String name : names) {
      CommandLine alone = Main.commandLine(name, "");
      assertThat(alone.getSubcommands()).containsOnlyKeys(name);
      assertThat(usage(sub(alone, name))).isEqualTo(usage(sub(all, name)));
    }
  }

  @Test
  void shouldSetUpAKindOfSweepAloneAsAmongAll() {
    CommandLine all = sub(Main.commandLine(), SweepCommand.NAME);
    assertThat(all.getSubcommands()).containsOnlyKeys("arp", "icmp", "tcp", "udp", "ndp");
    for (String kind : all.getSubcommands().keySet()) {
      CommandLine alone = sub(Main.commandLine(SweepCommand.NAME, kind), SweepCommand.NAME);
      assertThat(alone.getSubcommands()).containsOnlyKeys(kind);
      assertThat(usage(sub(alone, kind))).isEqualTo(usage(sub(all, kind)));
    }
  }

  @Test
  void shouldNeedNoneOfTheConvertersThatAreLeftOut() {
    List<ArgSpec> dates = new ArrayList<>();
    addDates(Main.commandLine(), dates);
    assertThat(dates).isNotEmpty().allMatch(option -> option.converters().length == 1);
  }

  /** Options of types of the packages that {@link Main} leaves out. */
  private static void addDates(CommandLine line, List<ArgSpec> to) {
    for (ArgSpec option : line.getCommandSpec().args()) {
      for (Class<?> type : option.auxiliaryTypes()) {
        if (type.getName().matches(Main.UNUSED_CONVERTERS)) {
          to.add(option);
        }
      }
    }
    line.getSubcommands().values().forEach(each -> addDates(each, to));
  }

  private static CommandLine sub(CommandLine line, String name) {
    CommandLine sub = line.getSubcommands().get(name);
    assertThat(sub).as(name).isNotNull();
    return sub;
  }

  private static String usage(CommandLine line) {
    return line.getUsageMessage(Ansi.OFF);
  }
}
