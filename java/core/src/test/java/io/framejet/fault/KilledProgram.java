package io.framejet.fault;

import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.LinkEditor;
import io.framejet.link.NetworkNamespace;
import io.framejet.link.Promiscuous;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepListener;

/** Holds all that can be held, and sweeps slowly, until it is killed. */
public final class KilledProgram {
  private KilledProgram() {}

  /** {@code LINK}. */
  public static void main(String[] arguments) throws Exception {
    Link link = Link.find(arguments[0]);
    NetworkNamespace anonymous = NetworkNamespace.anonymous();
    LinkEditor.of(link.namespace()).addVeth("k0", "k1", anonymous);
    Promiscuous promiscuous = Promiscuous.enable(link, Promiscuous.Mode.MEMBERSHIP);
    Receiver receiver = Receiver.open(link, ReceiverOptions.defaults().withPromiscuous(true));
    Sweep.arp(link)
        .targets("10.77.0.0/16")
        .rate(Rate.of(100))
        .listener(
            new SweepListener() {
              @Override
              public void onHost(HostResult host) {
                System.out.println("host");
              }
            })
        .build()
        .run();
    receiver.close();
    promiscuous.close();
    anonymous.close();
  }
}
