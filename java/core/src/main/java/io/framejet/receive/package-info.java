/** Taking frames from a link: receivers, their backends, capture filters and receive counters. */
@org.jspecify.annotations.NullMarked
package io.framejet.receive;
