package io.framejet.target;

/** Shows a user's text in a message: what it holds must neither drive the terminal nor fill it. */
final class Quote {
  private static final int LONGEST = 60;

  private Quote() {}

  static String of(String text) {
    final StringBuilder quoted = new StringBuilder("'");
    final int shown = Math.min(text.length(), LONGEST);
    for (int i = 0; i < shown; i++) {
      final char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) ? '?' : c);
    }
    return quoted.append(shown < text.length() ? "…'" : "'").toString();
  }
}
