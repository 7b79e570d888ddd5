// The work of InjectMain as a program with gopacket does it: each ARP request is serialized, into a buffer that is used
// again, and sent, by libpcap or by gopacket's own AF_PACKET.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/afpacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcap"
)

const clockEvery = 256

type writer interface {
	WritePacketData(data []byte) error
}

func open(via, link string) (writer, error) {
	if via == "afpacket" {
		return afpacket.NewTPacket(afpacket.OptInterface(link), afpacket.OptNumBlocks(8))
	}
	return pcap.OpenLive(link, 64, false, 100*time.Millisecond)
}

func main() {
	link := flag.String("link", "v0", "the link to send on")
	via := flag.String("via", "pcap", "pcap or afpacket")
	seconds := flag.Float64("seconds", 60, "how long")
	count := flag.Uint64("count", 1<<62, "how many frames at most")
	flag.Parse()
	handle, err := open(*via, *link)
	if err != nil {
		log.Fatal(err)
	}
	sender := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	eth := layers.Ethernet{SrcMAC: sender, DstMAC: layers.EthernetBroadcast, EthernetType: layers.EthernetTypeARP}
	arp := layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6,
		ProtAddressSize: 4, Operation: layers.ARPRequest, SourceHwAddress: sender,
		SourceProtAddress: []byte{10, 77, 0, 1}, DstHwAddress: make([]byte, 6), DstProtAddress: []byte{10, 77, 0, 0}}
	all := []gopacket.SerializableLayer{&eth, &arp}
	options := gopacket.SerializeOptions{FixLengths: true}
	buffer := gopacket.NewSerializeBuffer()
	start := time.Now()
	var number uint64
	for number < *count && (number%clockEvery != 0 || time.Since(start).Seconds() < *seconds) {
		arp.DstProtAddress[2], arp.DstProtAddress[3] = byte(number>>8), byte(number)
		if err := gopacket.SerializeLayers(buffer, options, all...); err != nil {
			log.Fatal(err)
		}
		if err := handle.WritePacketData(buffer.Bytes()); err != nil {
			log.Fatal(err)
		}
		number++
	}
	fmt.Printf("{\"frames\": %d, \"seconds\": %.6f}\n", number, time.Since(start).Seconds())
}
