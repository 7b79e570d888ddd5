"""What the tools are given, and what is read of what they say."""

import struct
import tempfile
import unittest
from pathlib import Path

from comparison import check, sweeps
from comparison.command import read_doctor
from comparison.lab import address
from comparison.measure import order
from comparison.streams import request, write_capture, write_trafgen


class Tools(unittest.TestCase):
    def read(self, tool: str, text: str) -> set[int]:
        return sweeps.hosts(text, sweeps._READERS[tool])

    def test_should_read_the_hosts_that_each_tool_found(self):
        said = {
            "framejet": "address,mac,rtt_us,try,note\n10.77.0.9,02:00:00:00:00:02,11,1,\n",
            "arp-scan": "10.77.0.9\t02:00:00:00:00:02\n",
            "zmap": "10.77.0.9\n",
            "masscan": "#masscan\nopen icmp 0 10.77.0.9 1795332122\n",
            "nmap": "# Nmap 7.93\nHost: 10.77.0.9 ()\tStatus: Up\n",
        }
        for tool, text in said.items():
            with self.subTest(tool):
                self.assertEqual({address("10.77.0.9")}, self.read(tool, text))

    def test_should_count_a_host_once_and_only_hosts_of_the_network(self):
        text = "".join(f"{host}\n" for host in (
            "10.77.0.9", "10.77.0.9", "10.77.0.0", "10.77.0.1", "10.77.255.255", "10.78.0.1", "10.76.255.255", "nonsense"))
        self.assertEqual({address("10.77.0.9")}, self.read("zmap", text))

    def test_should_know_how_many_hosts_there_are_to_find(self):
        every = "".join(f"10.77.{number >> 8}.{number & 255}\n" for number in range(1 << 16))
        self.assertEqual(sweeps.HOSTS, len(self.read("zmap", every)))

    def test_should_not_take_a_silent_host_for_one_that_is_up(self):
        self.assertEqual(set(), self.read("nmap", "Host: 10.77.0.9 ()\tStatus: Down\n"))

    def test_should_read_the_claims_of_the_injectors(self):
        self.assertEqual(3000, check.claim("trafgen", "\n        3000 packets outgoing\n      180000 bytes outgoing\n"))
        self.assertEqual(3000, check.claim("tcpreplay", "Actual: 3000 packets (180000 bytes) sent in 0.01 seconds\n"))
        self.assertEqual(3000, check.claim("framejet", '{"backend": "ring", "frames": 3000, "seconds": 0.1}'))
        self.assertIsNone(check.claim("xdp-trafficgen", "3000"))

    def test_should_tell_a_tool_that_gave_up_from_one_that_was_started_wrongly(self):
        words = "Flushing TX_RING failed: Resource temporarily unavailable!"
        self.assertTrue(check.gave_up("trafgen", 1, words))
        self.assertFalse(check.gave_up("trafgen", 0, words))
        self.assertFalse(check.gave_up("trafgen", 1, "Cannot parse file arp.cfg!"))
        self.assertFalse(check.gave_up("framejet", 1, words))

    def test_should_read_the_doctors_table(self):
        text = """framejet      0.1.0
BACKEND  ROLE     AVAILABLE  WHY NOT
socket   inject   yes
ring     inject   true
xdp      inject   no         v0: no XDP program at the other end
ring     receive  yes
"""
        self.assertEqual({"socket": "", "ring": "", "xdp": "v0: no XDP program at the other end"}, read_doctor(text))

    def test_should_turn_every_other_round_round(self):
        self.assertEqual([[1, 2, 3], [3, 2, 1], [1, 2, 3]], [order([1, 2, 3], turn) for turn in range(3)])


class Files(unittest.TestCase):
    def test_should_build_an_arp_request(self):
        golden = bytes.fromhex("ffffffffffff" "020000000001" "0806" "0001080006040001" "020000000001" "0a4d0001"
                               "000000000000" "0a4d1234")
        self.assertEqual(golden + bytes(18), request(0x1234, 60))
        self.assertEqual(1514, len(request(0, 1514)))

    def test_should_write_a_capture_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "a.pcap"
            write_capture(file, 60, 3)
            data = file.read_bytes()
        self.assertEqual(24 + 3 * (16 + 60), len(data))
        self.assertEqual((0, 1, 60, 60), struct.unpack_from("<IIII", data, 24 + 76))
        self.assertEqual(request(2, 60), data[-60:])

    def test_should_give_trafgen_a_frame_of_the_same_length(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "a.cfg"
            write_trafgen(file, 1514)
            text = file.read_text()
        words = text.strip("{ }\n").split(", ")
        self.assertEqual([str(byte) for byte in request(0, 60)[:41]], words[:41])
        self.assertEqual("dinc(0, 255), fill(0, 1472)", ", ".join(words[41:]))


if __name__ == "__main__":
    unittest.main()
