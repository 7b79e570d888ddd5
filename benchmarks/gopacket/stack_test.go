// The work of StackBenchmark as a program with gopacket does it, for comparison. Frames are built into a buffer that
// is used again, and read by a DecodingLayerParser, which is gopacket's way without allocations.
package stack

import (
	"net"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

var mac = net.HardwareAddr{2, 0, 0, 0, 0, 1}
var sender = net.IP{10, 77, 0, 1}
var fix = gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}

func address(i int) net.IP { return net.IP{10, 77, byte(i >> 8), byte(i)} }

func ethernet(kind layers.EthernetType) layers.Ethernet {
	return layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: kind}
}

func build(b *testing.B, frames func(i int) []gopacket.SerializableLayer) {
	buffer := gopacket.NewSerializeBuffer()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := gopacket.SerializeLayers(buffer, fix, frames(i)...); err != nil {
			b.Fatal(err)
		}
	}
}

func udpLayers() func(i int) []gopacket.SerializableLayer {
	eth := ethernet(layers.EthernetTypeIPv4)
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: sender, DstIP: address(0)}
	udp := layers.UDP{SrcPort: 40000}
	payload := gopacket.Payload(make([]byte, 18))
	all := []gopacket.SerializableLayer{&eth, &ip, &udp, &payload}
	return func(i int) []gopacket.SerializableLayer {
		ip.DstIP[2], ip.DstIP[3] = byte(i>>8), byte(i)
		udp.DstPort = layers.UDPPort(i)
		_ = udp.SetNetworkLayerForChecksum(&ip)
		return all
	}
}

func synLayers() func(i int) []gopacket.SerializableLayer {
	eth := ethernet(layers.EthernetTypeIPv4)
	ip := layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: sender, DstIP: address(0)}
	tcp := layers.TCP{SrcPort: 40000, DstPort: 443, SYN: true, Window: 65535, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 180}},
		{OptionType: layers.TCPOptionKindSACKPermitted, OptionLength: 2},
		{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: make([]byte, 8)},
		{OptionType: layers.TCPOptionKindNop},
		{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{7}},
	}}
	all := []gopacket.SerializableLayer{&eth, &ip, &tcp}
	return func(i int) []gopacket.SerializableLayer {
		ip.DstIP[2], ip.DstIP[3] = byte(i>>8), byte(i)
		tcp.Seq = uint32(i)
		_ = tcp.SetNetworkLayerForChecksum(&ip)
		return all
	}
}

func BenchmarkArpBuild(b *testing.B) {
	eth := ethernet(layers.EthernetTypeARP)
	arp := layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6,
		ProtAddressSize: 4, Operation: layers.ARPRequest, SourceHwAddress: mac, SourceProtAddress: sender,
		DstHwAddress: make([]byte, 6), DstProtAddress: address(0)}
	all := []gopacket.SerializableLayer{&eth, &arp}
	build(b, func(i int) []gopacket.SerializableLayer {
		arp.DstProtAddress[2], arp.DstProtAddress[3] = byte(i>>8), byte(i)
		return all
	})
}

func BenchmarkUdpBuild(b *testing.B) { build(b, udpLayers()) }
func BenchmarkSynBuild(b *testing.B) { build(b, synLayers()) }

var sum int

func decode(b *testing.B, frames func(i int) []gopacket.SerializableLayer) {
	var raw [64][]byte
	for i := range raw {
		buffer := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buffer, fix, frames(i)...); err != nil {
			b.Fatal(err)
		}
		raw[i] = buffer.Bytes()
	}
	var eth layers.Ethernet
	var ip layers.IPv4
	var udp layers.UDP
	var tcp layers.TCP
	var payload gopacket.Payload
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &ip, &udp, &tcp, &payload)
	parser.IgnoreUnsupported = true // what UDP carries to port 53 is read by Framejet as a payload, too
	found := make([]gopacket.LayerType, 0, 8)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := parser.DecodeLayers(raw[i&63], &found); err != nil {
			b.Fatal(err)
		}
		sum += int(ip.DstIP[3]) + int(udp.DstPort) + int(tcp.DstPort)
	}
}

func BenchmarkUdpDecode(b *testing.B) { decode(b, udpLayers()) }
func BenchmarkSynDecode(b *testing.B) { decode(b, synLayers()) }
