# shellcheck shell=bash
# Sourced by the scripts of this folder: ports for their containers, beside whatever runs here.

# Exports each name as a port of its own that nobody listens on. Always below 32768: from there on the system lends
# ports to whoever connects, and one that is lent cannot be published.
find_ports() { # names…
  local port=21000 name
  for name; do
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    export "$name=$port"
    port=$((port + 1))
  done
}
