import { BlockList, isIPv4 } from "node:net";

/** Special-purpose networks (RFC 6890): private, loopback, link-local, shared, multicast, translated. */
const PRIVATE_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
const PRIVATE_IPV6 = [
  "::/127",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2002::/16",
];

const list = new BlockList();
for (const network of PRIVATE_IPV4) add(network, "ipv4");
for (const network of PRIVATE_IPV6) add(network, "ipv6");

/** True for an address on a special-purpose network, also as an IPv4 address mapped into IPv6. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return list.check(address, "ipv4");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return list.check(mapped, "ipv4");
  return /^::ffff:/i.test(address) || list.check(address, "ipv6");
}

function add(network: string, family: "ipv4" | "ipv6"): void {
  const [address, bits] = network.split("/");
  list.addSubnet(address!, Number(bits), family);
}
