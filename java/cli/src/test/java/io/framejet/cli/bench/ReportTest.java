package io.framejet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Map<String, @Nullable Object> RUN =
      Runs.of(
          List.of(
              Runs.injection("ring", 64, 1.1, 1.2, 1.3),
              Runs.injection("ring", 1518, 0.7, 0.8, 0.9),
              Runs.injection("socket", 64, 0.51, 0.52, 0.53)));

  @Test
  void shouldCarryTheJsonAsItIsInTheFile() throws Exception {
    StringWriter file = new StringWriter();
    Json.write(RUN, file);
    Matcher inPage =
        Pattern.compile("id='run'>(.*)</script>", Pattern.DOTALL).matcher(Report.page(RUN));
    assertThat(inPage.find()).isTrue();
    JsonNode shown = new ObjectMapper().readTree(inPage.group(1));
    assertThat(shown).isEqualTo(new ObjectMapper().readTree(file.toString()));
  }

  @Test
  void shouldTellAScreenReaderEveryFigure() throws Exception {
    String page = Report.page(RUN);
    assertThat(page)
        .contains("<td>1.200000</td>", "<td>0.800000</td>", "<td>0.520000</td>", "1,234,567")
        .contains("aria-label='Frames per second over frame size, bytes'")
        .contains(">64: 1.2000 Mpps<");
  }

  @Test
  void shouldNeedNothingFromElsewhere() throws Exception {
    assertThat(Report.page(RUN))
        .doesNotContain("http:", "https:", "@import", "src=")
        .doesNotContainPattern("<script(?! type='application/json')")
        .contains("</html>");
  }

  @Test
  void shouldNotLetATextBecomeMarkup() throws Exception {
    Map<String, @Nullable Object> evil = Runs.injection("</script><b>'\"&", 64, 1);
    evil.put("disagreements", List.of("<img src=x onerror=alert(1)>"));
    String page = Report.page(Runs.of(List.of(evil)));
    assertThat(page).doesNotContain("<b>", "<img").contains("&lt;img", "\\u003c/script>");
  }

  @Test
  void shouldMakeAPageOfNothing() throws Exception {
    assertThat(Report.page(Runs.of(List.of()))).contains("</html>");
  }
}
