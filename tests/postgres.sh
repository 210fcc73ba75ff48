# Sourced. Starts a PostgreSQL of its own on a free port of the loopback, with everything on that makes a commit durable,
# and names it in SO_TIEM_TEST_POSTGRES. It ends with the shell that sourced this.
start_postgres() {
  postgres_bin=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)
  [ -n "$postgres_bin" ] || { say "PostgreSQL is not installed"; return 1; }
  postgres_home=$(mktemp -d /tmp/so-tiem-postgres.XXXXXX)
  postgres_as=()
  # It refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$postgres_home"
    postgres_as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd / && "${postgres_as[@]}" "$postgres_bin/initdb" --pgdata="$postgres_home/data" --username=so_tiem --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$postgres_home/initdb.log")
  cat >>"$postgres_home/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$postgres_home'
shared_buffers = ${SO_TIEM_TEST_POSTGRES_BUFFERS:-256MB}
max_connections = 200
wal_compression = lz4
max_wal_size = 4GB
checkpoint_timeout = 15min
CONF
  (cd / && "${postgres_as[@]}" "$postgres_bin/pg_ctl" --pgdata="$postgres_home/data" --wait --log="$postgres_home/log" start >/dev/null)
  stop_postgres() {
    (cd / && "${postgres_as[@]}" "$postgres_bin/pg_ctl" --pgdata="$postgres_home/data" --mode=immediate stop >/dev/null 2>&1) || true
    rm -rf "$postgres_home"
  }
  export SO_TIEM_TEST_POSTGRES="postgresql://so_tiem@127.0.0.1:$port/postgres"
}
