# shellcheck shell=bash
# Sourced by the scripts of this folder: free ports for their containers.

# Exports each name as a free port. Below 32768, because higher ones are ephemeral: the system may assign them to an
# outgoing connection, and then they cannot be published.
find_ports() { # names…
  local port=21000 name
  for name; do
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    export "$name=$port"
    port=$((port + 1))
  done
}
