/** What users see: result rows, tables, the summary, progress. */
@NullMarked
package io.framejet.cli.output;

import org.jspecify.annotations.NullMarked;
