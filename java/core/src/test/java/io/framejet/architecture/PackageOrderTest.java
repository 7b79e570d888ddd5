package io.framejet.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.framejet.FramejetException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the order of packages that the design lays down: each imports only what its row names. */
class PackageOrderTest {
  private static final String ROOT = "io.framejet";

  /**
   * The design's table. {@code sweep} may import all. The root package, with the errors, is
   * importable by all.
   */
  private static final Map<String, List<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("frame", List.of()),
          Map.entry("target", List.of()),
          Map.entry("jni", List.of()),
          Map.entry("link", List.of("jni", "frame")),
          Map.entry("engine", List.of("jni", "frame", "link")),
          Map.entry("inject", List.of("jni", "frame", "link", "engine")),
          Map.entry("receive", List.of("jni", "frame", "link", "engine")),
          Map.entry("probe", List.of("frame")),
          Map.entry("demux", List.of("frame", "link", "probe", "inject", "receive")),
          Map.entry("neighbor", List.of("frame", "link", "probe", "inject", "receive", "demux")),
          Map.entry("emulate", List.of("frame", "target", "link", "engine", "inject", "receive")),
          Map.entry("capture", List.of("frame", "link", "inject", "receive")),
          Map.entry("bench", List.of("frame", "link", "inject", "receive")),
          Map.entry(
              "sweep",
              List.of(
                  "frame",
                  "target",
                  "jni",
                  "link",
                  "engine",
                  "inject",
                  "receive",
                  "probe",
                  "demux",
                  "neighbor",
                  "emulate",
                  "capture")));

  /** The folder or jar that holds the library's classes, and not those of the tests. */
  private static final URL MAIN =
      FramejetException.class.getProtectionDomain().getCodeSource().getLocation();

  private static final JavaClasses CLASSES = new ClassFileImporter().importUrl(MAIN);

  static Set<String> packagesOfTheDesign() {
    return MAY_IMPORT.keySet();
  }

  @ParameterizedTest
  @MethodSource("packagesOfTheDesign")
  void shouldImportOnlyWhatTheDesignAllows(String name) {
    List<String> allowed = new ArrayList<>(List.of(ROOT, packages(name)));
    Objects.requireNonNull(MAY_IMPORT.get(name)).forEach(other -> allowed.add(packages(other)));
    DescribedPredicate<JavaClass> other =
        DescribedPredicate.not(resideInAPackage(ROOT + ".."))
            .or(resideInAnyPackage(allowed.toArray(new String[0])));
    classes()
        .that()
        .resideInAPackage(packages(name))
        .should()
        .onlyDependOnClassesThat(other)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void shouldImportNothingIntoTheRoot() {
    classes()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.not(resideInAPackage(ROOT + "..")).or(resideInAPackage(ROOT)))
        .check(CLASSES);
  }

  @Test
  void shouldHaveNoPackageThatTheDesignDoesNotName() {
    Set<String> known =
        MAY_IMPORT.keySet().stream().map(name -> ROOT + "." + name).collect(Collectors.toSet());
    known.add(ROOT);
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()))
        .isSubsetOf(known);
  }

  @Test
  void shouldHaveNoCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void shouldDeclareNativesInJniOnly() {
    methods()
        .that()
        .haveModifier(JavaModifier.NATIVE)
        .should()
        .beDeclaredInClassesThat()
        .resideInAPackage(packages("jni"))
        .check(CLASSES);
    assertThat(
            CLASSES.stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.getModifiers().contains(JavaModifier.NATIVE)))
        .isNotEmpty();
  }

  @Test
  void shouldUseOnlyTheDeclaredDependencies() {
    classes()
        .that()
        .resideInAPackage(ROOT + "..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                ROOT + "..", "java..", "org.slf4j..", "org.jspecify..", "inet.ipaddr.."))
        .check(CLASSES);
  }

  @Test
  void shouldExportEverythingButJni() throws IOException {
    try (URLClassLoader library = new URLClassLoader(new URL[] {MAIN}, null);
        InputStream in =
            Objects.requireNonNull(library.findResource("module-info.class")).openStream()) {
      ModuleDescriptor module = ModuleDescriptor.read(in);
      Set<String> exported =
          module.exports().stream()
              .map(ModuleDescriptor.Exports::source)
              .collect(Collectors.toSet());
      Set<String> packages =
          CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
      packages.remove(ROOT + ".jni");
      assertThat(module.name()).isEqualTo(ROOT);
      assertThat(exported).isEqualTo(packages);
      assertThat(module.opens()).isEmpty();
    }
  }

  @Test
  void shouldKnowItsPackages() {
    assertThat(Arrays.asList("frame", "jni", "link", "inject", "receive", "sweep"))
        .allSatisfy(
            name ->
                assertThat(
                        CLASSES.stream()
                            .filter(type -> type.getPackageName().equals(ROOT + "." + name)))
                    .isNotEmpty());
  }

  private static String packages(String name) {
    return ROOT + "." + name + "..";
  }
}
